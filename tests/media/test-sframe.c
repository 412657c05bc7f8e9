/* SPDX-License-Identifier: Apache-2.0 */
/* SFrame against the vectors of RFC 9605 and against what a hostile relay may make of a frame. argv[1] is the file of
 * vectors. */
#include <jansson.h>
#include <string.h>

#include "media/wire/error.h"
#include "media/frames/sframe-table.h"

#define KID G_GUINT64_CONSTANT (0x123)

static json_t *vectors;
static const guint8 BASE[32] = "a base key of thirty-two bytes!";

static GByteArray *
from_hex (const json_t *object, const char *name)
{
  const char *text = json_string_value (json_object_get (object, name));
  GByteArray *bytes = g_byte_array_new ();

  g_assert_nonnull (text);
  for (; *text != '\0'; text += 2)
    {
      guint8 byte = (guint8)(g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

static guint64
get_number (const json_t *object, const char *name)
{
  const json_t *value = json_object_get (object, name);

  g_assert_true (json_is_integer (value));
  return (guint64)json_integer_value (value);
}

/* jansson's integers end at 2^63: the one number beyond, 2^64 - 1, is read as -1. */
static json_t *
load_vectors (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GString) readable = NULL;
  json_t *loaded = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  readable = g_string_new (text);
  g_string_replace (readable, "18446744073709551615", "-1", 0);
  loaded = json_loads (readable->str, JSON_REJECT_DUPLICATES, NULL);
  g_assert_nonnull (loaded);
  return loaded;
}

static const json_t *
our_suite (void)
{
  const json_t *all = json_object_get (vectors, "sframe");

  for (gsize i = 0; i < json_array_size (all); i++)
    if (get_number (json_array_get (all, i), "cipher_suite") == HJ_SFRAME_SUITE)
      return json_array_get (all, i);
  g_assert_not_reached ();
}

static void
headers_are_those_of_the_rfc (void)
{
  const json_t *all = json_object_get (vectors, "header");

  g_assert_cmpuint (json_array_size (all), >, 200);
  for (gsize i = 0; i < json_array_size (all); i++)
    {
      const json_t *vector = json_array_get (all, i);
      g_autoptr (GByteArray) encoded = from_hex (vector, "encoded");
      guint64 kid = get_number (vector, "kid");
      guint64 ctr = get_number (vector, "ctr");
      guint8 out[HJ_SFRAME_MAX_HEADER];
      HjSframeHeader header;
      gsize size = hj_sframe_write_header (kid, ctr, out);

      g_assert_cmpmem (out, size, encoded->data, encoded->len);
      g_assert_true (hj_sframe_read_header (encoded->data, encoded->len, &header));
      g_assert_cmpuint (header.kid, ==, kid);
      g_assert_cmpuint (header.ctr, ==, ctr);
      g_assert_cmpuint (header.size, ==, encoded->len);
      for (gsize n = 0; n < encoded->len; n++)
        g_assert_false (hj_sframe_read_header (encoded->data, n, &header));
    }
}

static void
a_header_has_one_spelling (void)
{
  const guint8 small_kid[] = { 0x80, 0x07 };
  const guint8 small_ctr[] = { 0x08, 0x00 };
  const guint8 wide_kid[] = { 0x90, 0x00, 0x99 };
  const guint8 wide_ctr[] = { 0x09, 0x00, 0x99 };
  HjSframeHeader header;

  g_assert_false (hj_sframe_read_header (small_kid, sizeof small_kid, &header));
  g_assert_false (hj_sframe_read_header (small_ctr, sizeof small_ctr, &header));
  g_assert_false (hj_sframe_read_header (wide_kid, sizeof wide_kid, &header));
  g_assert_false (hj_sframe_read_header (wide_ctr, sizeof wide_ctr, &header));
}

static void
keys_are_derived_as_in_the_rfc (void)
{
  const json_t *vector = our_suite ();
  g_autoptr (GByteArray) base = from_hex (vector, "base_key");
  g_autoptr (GByteArray) want_key = from_hex (vector, "sframe_key");
  g_autoptr (GByteArray) want_salt = from_hex (vector, "sframe_salt");
  guint8 key[HJ_SFRAME_KEY];
  guint8 salt[HJ_SFRAME_SALT];

  g_assert_true (hj_sframe_derive (base->data, base->len, get_number (vector, "kid"), key, salt));
  g_assert_cmpmem (key, sizeof key, want_key->data, want_key->len);
  g_assert_cmpmem (salt, sizeof salt, want_salt->data, want_salt->len);
  g_assert_false (hj_sframe_derive (base->data, 0, 1, key, salt));
}

static HjSframeKey *
key_new (const guint8 *base, gsize size, guint64 kid)
{
  g_autoptr (GError) error = NULL;
  HjSframeKey *key = hj_sframe_key_new (base, size, kid, &error);

  g_assert_no_error (error);
  return key;
}

static void
the_vector_of_our_suite_fits_both_ways (void)
{
  const json_t *vector = our_suite ();
  g_autoptr (GByteArray) base = from_hex (vector, "base_key");
  g_autoptr (GByteArray) metadata = from_hex (vector, "metadata");
  g_autoptr (GByteArray) plain = from_hex (vector, "pt");
  g_autoptr (GByteArray) sealed = from_hex (vector, "ct");
  g_autoptr (HjSframeKey) key = key_new (base->data, base->len, get_number (vector, "kid"));
  guint8 out[256];
  gsize size = hj_sframe_key_seal (
      key, get_number (vector, "ctr"), metadata->data, metadata->len, plain->data, plain->len, out);

  g_assert_cmpmem (out, size, sealed->data, sealed->len);
  g_assert_cmpint (hj_sframe_key_open (
                       key, metadata->data, metadata->len, sealed->data, sealed->len, out, &size),
      ==, HJ_SFRAME_OK);
  g_assert_cmpmem (out, size, plain->data, plain->len);
}

typedef struct
{
  HjSframeKey *sender;
  HjSframeTable *receiver;
  guint8 sealed[256];
  gsize size;
  guint8 out[256];
  gsize out_size;
  HjSframeHeader header;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->sender = key_new (BASE, sizeof BASE, KID);
  f->receiver = hj_sframe_table_new ();
  g_assert_true (hj_sframe_table_add (f->receiver, BASE, sizeof BASE, KID, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_sframe_key_free (f->sender);
  hj_sframe_table_free (f->receiver);
}

static void
seal (Fixture *f, guint64 ctr)
{
  f->size = hj_sframe_key_seal (
      f->sender, ctr, (const guint8 *)"clear", 5, (const guint8 *)"a picture", 9, f->sealed);
  g_assert_cmpuint (f->size, >, 9 + HJ_SFRAME_TAG);
}

static HjSframeStatus
open_with (Fixture *f, const char *metadata)
{
  return hj_sframe_table_open (f->receiver, (const guint8 *)metadata, strlen (metadata), f->sealed,
      f->size, f->out, &f->out_size, &f->header);
}

static HjSframeStatus
seal_and_open (Fixture *f, guint64 ctr)
{
  seal (f, ctr);
  return open_with (f, "clear");
}

static void
every_flipped_bit_is_refused (Fixture *f, gconstpointer data)
{
  static const guint8 zeros[9];

  seal (f, 300);
  for (gsize bit = 0; bit < f->size * 8; bit++)
    {
      f->sealed[bit / 8] ^= (guint8)(1 << bit % 8);
      memset (f->out, 0xaa, sizeof f->out);
      g_assert_cmpint (open_with (f, "clear"), !=, HJ_SFRAME_OK);
      g_assert_cmpuint (f->out_size, ==, 0);
      g_assert_cmpint (memcmp (f->out, "a picture", 9), !=, 0);
      f->sealed[bit / 8] ^= (guint8)(1 << bit % 8);
    }
  /* What a forged frame would have said is wiped. */
  f->sealed[f->size - 1] ^= 1;
  g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_FORGED);
  g_assert_cmpmem (f->out, 9, zeros, 9);
  f->sealed[f->size - 1] ^= 1;
  g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_OK);
}

static void
changed_metadata_is_refused (Fixture *f, gconstpointer data)
{
  seal (f, 0);
  g_assert_cmpint (open_with (f, "cleas"), ==, HJ_SFRAME_FORGED);
  g_assert_cmpint (open_with (f, "clea"), ==, HJ_SFRAME_FORGED);
  g_assert_cmpint (open_with (f, ""), ==, HJ_SFRAME_FORGED);
  g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_OK);
  g_assert_cmpmem (f->out, f->out_size, "a picture", 9);
}

static void
every_truncation_is_refused (Fixture *f, gconstpointer data)
{
  gsize whole = 0;

  seal (f, 9000);
  whole = f->size;
  for (f->size = 0; f->size < whole; f->size++)
    g_assert_cmpint (open_with (f, "clear"), !=, HJ_SFRAME_OK);
  g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_OK);
}

static void
an_empty_frame_opens (Fixture *f, gconstpointer data)
{
  f->size = hj_sframe_key_seal (f->sender, 7, NULL, 0, NULL, 0, f->sealed);
  g_assert_cmpuint (f->size, >, HJ_SFRAME_TAG);
  g_assert_cmpint (open_with (f, ""), ==, HJ_SFRAME_OK);
  g_assert_cmpuint (f->out_size, ==, 0);
}

static void
an_oversize_frame_is_refused (Fixture *f, gconstpointer data)
{
  gsize size = HJ_SFRAME_MAX_PLAIN;
  g_autofree guint8 *plain = g_malloc0 (size + 1);
  g_autofree guint8 *sealed = g_malloc0 (size + 1 + HJ_SFRAME_MAX_OVERHEAD);
  gsize sealed_size = hj_sframe_key_seal (f->sender, 0, NULL, 0, plain, size, sealed);

  g_assert_cmpint (hj_sframe_table_open (
                       f->receiver, NULL, 0, sealed, sealed_size, plain, &f->out_size, &f->header),
      ==, HJ_SFRAME_OK);
  g_assert_cmpuint (hj_sframe_key_seal (f->sender, 1, NULL, 0, plain, size + 1, sealed), ==, 0);
  sealed[hj_sframe_write_header (KID, 2, sealed)] = 0;
  g_assert_cmpint (hj_sframe_table_open (f->receiver, NULL, 0, sealed,
                       size + 1 + HJ_SFRAME_MAX_OVERHEAD, plain, &f->out_size, &f->header),
      ==, HJ_SFRAME_OVERSIZE);
}

static void
no_frame_is_taken_twice (Fixture *f, gconstpointer data)
{
  for (guint64 ctr = 0; ctr < 3000; ctr++)
    {
      g_assert_cmpint (seal_and_open (f, ctr), ==, HJ_SFRAME_OK);
      g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_REPLAYED);
      g_assert_cmpint (seal_and_open (f, ctr / 2), ==, HJ_SFRAME_REPLAYED);
    }
}

static void
late_frames_open_within_the_window (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (seal_and_open (f, 5000), ==, HJ_SFRAME_OK);
  g_assert_cmpint (seal_and_open (f, 5000 - HJ_SFRAME_WINDOW), ==, HJ_SFRAME_REPLAYED);
  for (guint64 ctr = 5000 - HJ_SFRAME_WINDOW + 1; ctr < 5000; ctr += 2)
    g_assert_cmpint (seal_and_open (f, ctr), ==, HJ_SFRAME_OK);
  /* A step forward forgets the oldest and nothing else. */
  g_assert_cmpint (seal_and_open (f, 5100), ==, HJ_SFRAME_OK);
  g_assert_cmpint (seal_and_open (f, 5000 - HJ_SFRAME_WINDOW + 2), ==, HJ_SFRAME_REPLAYED);
  g_assert_cmpint (seal_and_open (f, 4999), ==, HJ_SFRAME_REPLAYED);
  g_assert_cmpint (seal_and_open (f, 4998), ==, HJ_SFRAME_OK);
  g_assert_cmpint (seal_and_open (f, 5051), ==, HJ_SFRAME_OK);
  /* A leap over the whole window: nothing of the ring may be left. */
  g_assert_cmpint (seal_and_open (f, 5100 + 3 * HJ_SFRAME_WINDOW), ==, HJ_SFRAME_OK);
  g_assert_cmpint (seal_and_open (f, 5050 + 3 * HJ_SFRAME_WINDOW), ==, HJ_SFRAME_OK);
  g_assert_cmpint (seal_and_open (f, G_MAXUINT64), ==, HJ_SFRAME_OK);
  g_assert_cmpint (seal_and_open (f, G_MAXUINT64), ==, HJ_SFRAME_REPLAYED);
}

static void
a_forged_counter_moves_no_window (Fixture *f, gconstpointer data)
{
  guint8 header[HJ_SFRAME_MAX_HEADER];
  guint8 kept[256];

  seal (f, 10);
  memcpy (kept, f->sealed, f->size);
  /* The same length of header: KID in two bytes, the counter in eight. */
  seal (f, G_MAXUINT64 - 1);
  memcpy (header, f->sealed, 11);
  memset (f->sealed + 11, 0, f->size - 11);
  g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_FORGED);
  seal (f, 10);
  g_assert_cmpmem (kept, f->size, f->sealed, f->size);
  g_assert_cmpint (open_with (f, "clear"), ==, HJ_SFRAME_OK);
}

static void
a_key_opens_its_own_kid_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjSframeKey) other = key_new (BASE, sizeof BASE, KID + 1);

  f->size = hj_sframe_key_seal (other, 0, NULL, 0, (const guint8 *)"a", 1, f->sealed);
  g_assert_cmpint (open_with (f, ""), ==, HJ_SFRAME_NO_KEY);
  g_assert_cmpuint (f->header.kid, ==, KID + 1);
  g_assert_cmpint (
      hj_sframe_key_open (f->sender, NULL, 0, f->sealed, f->size, f->out, &f->out_size), ==,
      HJ_SFRAME_NO_KEY);
  /* Renaming the KID does not help: it is in the key and in what is authenticated. */
  g_assert_true (hj_sframe_table_add (f->receiver, BASE, sizeof BASE, KID + 1, &error));
  f->size = hj_sframe_key_seal (other, 0, NULL, 0, (const guint8 *)"a", 1, f->sealed);
  hj_sframe_write_header (KID, 0, f->sealed);
  g_assert_cmpint (open_with (f, ""), ==, HJ_SFRAME_FORGED);
}

static void
a_removed_key_opens_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hj_sframe_table_add (f->receiver, BASE, sizeof BASE, KID, &error));
  g_assert_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED);
  g_assert_cmpint (seal_and_open (f, 0), ==, HJ_SFRAME_OK);
  g_assert_true (hj_sframe_table_remove (f->receiver, KID));
  g_assert_false (hj_sframe_table_remove (f->receiver, KID));
  g_assert_cmpint (seal_and_open (f, 1), ==, HJ_SFRAME_NO_KEY);
}

static void
add (const char *name, void (*test) (Fixture *f, gconstpointer data))
{
  g_test_add (name, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  int result = 0;

  g_test_init (&argc, &argv, NULL);
  vectors = load_vectors (argv[1]);
  g_test_add_func ("/sframe/headers-are-those-of-the-rfc", headers_are_those_of_the_rfc);
  g_test_add_func ("/sframe/a-header-has-one-spelling", a_header_has_one_spelling);
  g_test_add_func ("/sframe/keys-are-derived-as-in-the-rfc", keys_are_derived_as_in_the_rfc);
  g_test_add_func (
      "/sframe/the-vector-of-our-suite-fits-both-ways", the_vector_of_our_suite_fits_both_ways);
  add ("/sframe/every-flipped-bit-is-refused", every_flipped_bit_is_refused);
  add ("/sframe/changed-metadata-is-refused", changed_metadata_is_refused);
  add ("/sframe/every-truncation-is-refused", every_truncation_is_refused);
  add ("/sframe/an-empty-frame-opens", an_empty_frame_opens);
  add ("/sframe/an-oversize-frame-is-refused", an_oversize_frame_is_refused);
  add ("/sframe/no-frame-is-taken-twice", no_frame_is_taken_twice);
  add ("/sframe/late-frames-open-within-the-window", late_frames_open_within_the_window);
  add ("/sframe/a-forged-counter-moves-no-window", a_forged_counter_moves_no_window);
  add ("/sframe/a-key-opens-its-own-kid-alone", a_key_opens_its_own_kid_alone);
  add ("/sframe/a-removed-key-opens-nothing", a_removed_key_opens_nothing);
  result = g_test_run ();
  json_decref (vectors);
  return result;
}
