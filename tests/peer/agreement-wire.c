/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of the key agreement as bytes (docs/e2ee.md section 3): read whole or refused with a word; nothing of what is
 * read is believed here. */

#include "tests/peer/agreement-private.h"

#include <string.h>

#define VERSION 1

typedef struct
{
  const guint8 *at;
  gsize left;
  gboolean failed;
} Reader;

static const guint8 *
take (Reader *reader, gsize size)
{
  const guint8 *at = reader->at;

  if (reader->failed || reader->left < size)
    {
      reader->failed = TRUE;
      return NULL;
    }
  reader->at += size;
  reader->left -= size;
  return at;
}

static guint64
take_number (Reader *reader, guint size)
{
  const guint8 *at = take (reader, size);
  guint64 number = 0;

  for (guint i = 0; at != NULL && i < size; i++)
    number = number << 8 | at[i];
  return number;
}

/* Returns: (transfer full) (nullable): a text without a zero byte in it. */
static char *
take_string (Reader *reader)
{
  gsize size = take_number (reader, 1);
  const guint8 *at = take (reader, size);

  if (at == NULL || memchr (at, 0, size) != NULL)
    {
      reader->failed = TRUE;
      return NULL;
    }
  return g_strndup ((const char *)at, size);
}

static void
read_key (HjWire *wire, Reader *reader, const guint8 *message)
{
  wire->to = take_string (reader);
  wire->suite = take_number (reader, 1);
  wire->aad_size = reader->failed ? 0 : (gsize)(reader->at - message);
  wire->wrapped = take (reader, HJ_WRAPPED_SIZE);
}

/* Returns: (nullable): NULL when the message is whole; else why not. What was read is cleared by hj_wire_clear() either way. */
const char *
hj_wire_read (HjWire *wire, const guint8 *message, gsize size)
{
  Reader reader = { .at = message, .left = size };

  *wire = (HjWire){ 0 };
  if (take_number (&reader, 1) != VERSION)
    return "version";
  wire->type = take_number (&reader, 1);
  if (wire->type < HJ_WIRE_COMMIT || wire->type > HJ_WIRE_KEY)
    return "type";
  wire->epoch = take_number (&reader, 4);
  wire->from = take_string (&reader);
  if (wire->type == HJ_WIRE_COMMIT)
    {
      wire->roster_hash = take (&reader, HJ_HASH_SIZE);
      wire->commitment = take (&reader, HJ_HASH_SIZE);
    }
  else if (wire->type == HJ_WIRE_REVEAL)
    {
      wire->body_size = reader.left;
      wire->body = take (&reader, reader.left);
    }
  else
    read_key (wire, &reader, message);
  return reader.failed || reader.left > 0 || wire->epoch == 0 ? "malformed" : NULL;
}

void
hj_wire_clear (HjWire *wire)
{
  g_clear_pointer (&wire->from, g_free);
  g_clear_pointer (&wire->to, g_free);
}

/* Size of a public key of the suite in bytes; 0: not known. */
gsize
hj_public_key_size (guint suite)
{
  return suite == HJ_SUITE_P256 ? HJ_P256_SIZE : suite == HJ_SUITE_X25519 ? HJ_X25519_SIZE : 0;
}

/* Reads a reveal's body: nonce, public keys, signature. Suites that are not known are skipped, none may be there twice.
 * Returns: (nullable): why it is refused. */
const char *
hj_wire_read_body (HjWireBody *read, const guint8 *body, gsize size)
{
  Reader reader = { .at = body, .left = size };
  gboolean seen[256] = { FALSE };
  guint n;

  *read = (HjWireBody){ 0 };
  take (&reader, HJ_NONCE_SIZE);
  n = take_number (&reader, 1);
  for (guint i = 0; i < n && !reader.failed; i++)
    {
      guint suite = take_number (&reader, 1);
      gsize key_size = take_number (&reader, 2);
      const guint8 *key = take (&reader, key_size);

      if (seen[suite])
        return "suite";
      seen[suite] = TRUE;
      if (hj_public_key_size (suite) == 0)
        continue;
      if (key_size != hj_public_key_size (suite))
        return "malformed";
      read->public_keys[suite] = key;
    }
  read->signed_size = reader.failed ? 0 : (gsize)(reader.at - body);
  read->signature = take (&reader, HJ_AGREEMENT_SIGNATURE_SIZE);
  if (reader.failed || reader.left > 0)
    return "malformed";
  return read->public_keys[HJ_SUITE_P256] == NULL ? "suite" : NULL;
}

/* Returns: (transfer full): the beginning that all messages have. */
GByteArray *
hj_wire_start (HjWireType type, guint32 epoch, const char *seat)
{
  GByteArray *message = g_byte_array_new ();

  hj_put_number (message, VERSION, 1);
  hj_put_number (message, type, 1);
  hj_put_number (message, epoch, 4);
  hj_put_string (message, seat);
  return message;
}

/* Big endian, in that many bytes. */
void
hj_put_number (GByteArray *array, guint64 number, guint size)
{
  for (guint i = size; i > 0; i--)
    {
      guint8 byte = (guint8)(number >> 8 * (i - 1));

      hj_put (array, &byte, 1);
    }
}

/* One byte length: the caller has checked that it fits. */
void
hj_put_string (GByteArray *array, const char *text)
{
  gsize length = strlen (text);

  g_assert (length <= G_MAXUINT8);
  hj_put_number (array, length, 1);
  hj_put (array, (const guint8 *)text, length);
}

void
hj_put_label (GByteArray *array, const char *label)
{
  hj_put (array, (const guint8 *)label, strlen (label) + 1);
}
