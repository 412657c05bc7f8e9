/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a libFuzzer target for a moment without libFuzzer, so that every `meson test` does: first the
 * files of the corpus (directories given as arguments), then random changes of them. Always the same
 * ones; HJ_FUZZ_SEED and HJ_FUZZ_RUNS ask for others. Each input is a heap block of its exact size,
 * for the address sanitizer to see the first byte read beyond it. */
#include <glib.h>
#include <string.h>

#define LONGEST 4096
#define RUNS 30000

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static void
load (const char *directory, GPtrArray *corpus)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (directory, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      char *data;
      gsize len;

      g_file_get_contents (path, &data, &len, &error);
      g_assert_no_error (error);
      g_ptr_array_add (corpus, g_byte_array_new_take ((guint8 *)data, len));
    }
}

static void
change (GRand *rand, GByteArray *input, const GByteArray *other)
{
  guint at = input->len > 0 ? (guint)g_rand_int_range (rand, 0, (gint32)input->len) : 0;
  guint8 byte = (guint8)g_rand_int (rand);

  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      if (input->len > 0)
        input->data[at] ^= (guint8)(1 << (byte % 8));
      break;
    case 1:
      if (input->len > 0)
        input->data[at] = byte % 4 ? byte : (byte & 4 ? 0xff : 0);
      break;
    case 2:
      g_byte_array_set_size (input, at);
      break;
    case 3:
      if (input->len > 0)
        g_byte_array_remove_index (input, at);
      break;
    case 4:
      g_byte_array_append (input, &byte, 1);
      break;
    default: /* the rest of another input behind the beginning of this one */
      g_byte_array_set_size (input, at);
      g_byte_array_append (
          input, other->data + MIN (at, other->len), other->len - MIN (at, other->len));
      break;
    }
  if (input->len > LONGEST)
    g_byte_array_set_size (input, LONGEST);
}

static void
run (const GByteArray *input)
{
  g_autofree guint8 *exact = g_malloc (MAX (input->len, 1));

  if (input->len > 0)
    memcpy (exact, input->data, input->len);
  LLVMFuzzerTestOneInput (exact, input->len);
}

static guint
number_from (const char *variable, guint otherwise)
{
  const char *text = g_getenv (variable);

  return text ? (guint)g_ascii_strtoull (text, NULL, 10) : otherwise;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) corpus
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_byte_array_unref);
  g_autoptr (GRand) rand = g_rand_new_with_seed (number_from ("HJ_FUZZ_SEED", 1));
  guint n_runs = number_from ("HJ_FUZZ_RUNS", RUNS);

  for (int i = 1; i < argc; i++)
    load (argv[i], corpus);
  g_assert_cmpuint (corpus->len, >, 0);
  for (guint i = 0; i < corpus->len; i++)
    run (corpus->pdata[i]);
  for (guint i = 0; i < n_runs; i++)
    {
      GByteArray *seed = corpus->pdata[g_rand_int_range (rand, 0, (gint32)corpus->len)];
      GByteArray *other = corpus->pdata[g_rand_int_range (rand, 0, (gint32)corpus->len)];
      g_autoptr (GByteArray) input = g_byte_array_new ();

      if (seed->len > 0)
        g_byte_array_append (input, seed->data, seed->len);
      for (int n = g_rand_int_range (rand, 1, 6); n > 0; n--)
        change (rand, input, other);
      run (input);
    }
  return 0;
}
