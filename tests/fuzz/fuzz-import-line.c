/* SPDX-License-Identifier: Apache-2.0 */
/* A line of an import file: whatever it is, it is applied or named, and the batch goes on. */
#include <string.h>

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/records/import.h"
#include "src/store/store.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static HjStore *store;
static HjActs *acts;
static HjActor *operator;

static void
open_once (void)
{
  g_autoptr (GError) error = NULL;

  if (store != NULL)
    return;
  store = hj_store_open (":memory:", &error);
  g_assert_no_error (error);
  acts = hj_acts_new (store, hj_time_new_fake (G_GINT64_CONSTANT (1795460000000000)));
  operator= hj_actor_new ("operator", HJ_ROLE_OPERATOR, NULL, NULL, TRUE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  g_autofree char *line = g_strndup ((const char *)data, len);
  g_autofree char *hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, len);
  g_autoptr (json_t) input = NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (GError) error = NULL;

  open_once ();
  if (!g_utf8_validate (line, -1, NULL))
    return 0;
  input = json_pack (
      "{s:s, s:i, s:[s], s:b}", "file_hash", hash, "first_line", 1, "lines", line, "last", TRUE);
  answer = hj_acts_run (acts, &hj_act_import, operator, input, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_integer_value (json_object_get (answer, "lines_done")), ==, 1);
  return 0;
}
