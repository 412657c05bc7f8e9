/* SPDX-License-Identifier: Apache-2.0 */
/* Every message of a page, a kiosk and a case system begins here. */
#include <string.h>

#include "src/base/json.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static void
read_members (const json_t *object)
{
  const char *text = NULL;
  gint64 number = 0;
  gboolean flag = FALSE;
  json_t *part = NULL;
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *)object, key, value)
  {
    hj_json_read_string (object, key, 64, &text, NULL);
    hj_json_read_id (object, key, &text, NULL);
    hj_json_read_int (object, key, 0, 100, &number, NULL);
    hj_json_read_bool (object, key, &flag, NULL);
    hj_json_read_array (object, key, 4, &part, NULL);
    if (hj_json_read_object (object, key, &part, NULL))
      read_members (part);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) object = hj_json_parse ((const char *)data, len, 65536, &error);
  g_autoptr (json_t) again = NULL;
  g_autofree char *text = NULL;

  g_assert_true ((object == NULL) == (error != NULL));
  if (object == NULL)
    return 0;
  read_members (object);
  text = hj_json_dump (object);
  again = hj_json_parse (text, strlen (text), G_MAXSIZE, &error);
  g_assert_no_error (error);
  g_assert_true (json_equal (object, again));
  return 0;
}
