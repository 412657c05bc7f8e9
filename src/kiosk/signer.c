/* SPDX-License-Identifier: Apache-2.0 */
/* What the page may have signed: its word in the agreement on keys (docs/e2ee.md section 3, reveal), and no more of it than
 * an honest page needs. The page never sees the key. Control thread. */

#include "src/kiosk/signer.h"

#include "src/base/ids.h"
#include "src/base/json.h"

/* That many characters of base64url and no more are HJ_SIGNER_MAX_STATEMENT bytes. */
#define MAX_TEXT ((HJ_SIGNER_MAX_STATEMENT * 4 + 2) / 3)

struct _HjSigner
{
  const HjDeviceKey *key; /* not owned: main's, outlives the agent */
  gint64 signed_us[HJ_SIGNER_PER_WINDOW];
  guint next; /* the oldest of them */
};

/* key: (transfer none): must outlive it. Returns: (transfer full). */
HjSigner *
hj_signer_new (const HjDeviceKey *key)
{
  HjSigner *self = g_new0 (HjSigner, 1);

  self->key = key;
  for (guint i = 0; i < HJ_SIGNER_PER_WINDOW; i++)
    self->signed_us[i] = G_MININT64 / 2;
  return self;
}

void
hj_signer_free (HjSigner *self)
{
  g_free (self);
}

/* Both limits hold for the life of the agent, whatever pages and seats come and go: a reveal is one guess of the code for
 * whoever stands between. */
static gboolean
is_too_soon (const HjSigner *self, gint64 now_us)
{
  guint tenth = (self->next + HJ_SIGNER_PER_WINDOW - HJ_SIGNER_PER_SECOND) % HJ_SIGNER_PER_WINDOW;

  return now_us - self->signed_us[tenth] < G_USEC_PER_SEC
         || now_us - self->signed_us[self->next] < HJ_SIGNER_WINDOW_S * G_USEC_PER_SEC;
}

static char *
sign_statement (HjSigner *self, const char *text, GError **error)
{
  gsize size = 0;
  g_autofree guint8 *statement = hj_base64url_decode (text, &size);
  char *signature = NULL;

  if (statement != NULL)
    signature = hj_device_key_sign_reveal (self->key, statement, size);
  if (signature == NULL)
    hj_refuse (error, HJ_REFUSAL_INVALID, "statement");
  return signature;
}

/* message: {statement}, base64url. now_us: of a clock that does not jump. Refused: what is no statement of a reveal
 * (HJ_REFUSAL_INVALID), and more than ten in a second or sixty in ten minutes (HJ_REFUSAL_TOO_MANY). Returns: (transfer
 * full) (nullable): 64 bytes in base64url. */
char *
hj_signer_sign (HjSigner *self, const json_t *message, gint64 now_us, GError **error)
{
  const char *text = NULL;
  g_autofree char *signature = NULL;

  if (!hj_json_read_string (message, "statement", MAX_TEXT, &text, error))
    return NULL;
  if (is_too_soon (self, now_us))
    {
      hj_refuse (error, HJ_REFUSAL_TOO_MANY, "signatures");
      return NULL;
    }
  signature = sign_statement (self, text, error);
  if (signature == NULL)
    return NULL;
  self->signed_us[self->next] = now_us;
  self->next = (self->next + 1) % HJ_SIGNER_PER_WINDOW;
  return g_steal_pointer (&signature);
}
