/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-search NEEDLES FILE…: looks at every byte of the files for what must not be there (docs/e2ee.md; tests/e2ee/canary.mjs).
 * A line of NEEDLES is `CLASS whole HEX` (all of it) or `CLASS window HEX` (any 16 bytes of it that are not monotonous). Prints
 * one JSON line a file: {"file", "bytes", "hits": {CLASS: n}, "first": {CLASS: [offset, "hex"]}}. */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

#define BLOCK 8
#define WINDOW 16
#define DISTINCT                                                                                   \
  5 /* bytes in a block that is worth looking for: runs of one value are everywhere */
#define SIEVE_BITS 24

typedef struct
{
  GBytes *bytes;
  guint class;
  gboolean whole;
} Needle;

/* Where a block of a needle stands; same: the next entry with the same block, -1 none. */
typedef struct
{
  guint needle;
  guint at;
  int same;
} Place;

typedef struct
{
  GPtrArray *classes;
  GArray *needles;
  GArray *places;
  GHashTable *by_block; /* guint64 as pointer -> index of a Place, plus one */
  guint8 *sieve;
} Search;

static guint64
read_block (const guint8 *at)
{
  guint64 block;

  memcpy (&block, at, BLOCK);
  return block;
}

static guint
sieve_bit (guint64 block)
{
  return (guint)(block * 0x9e3779b97f4a7c15u >> (64 - SIEVE_BITS));
}

static guint
count_distinct (const guint8 *bytes, gsize size)
{
  gboolean seen[256] = { FALSE };
  guint n = 0;

  for (gsize i = 0; i < size; i++)
    if (!seen[bytes[i]])
      {
        seen[bytes[i]] = TRUE;
        n++;
      }
  return n;
}

static void
add_block (Search *self, guint needle, guint at, const guint8 *bytes)
{
  guint64 block = read_block (bytes + at);
  gpointer key = GSIZE_TO_POINTER (block);
  int before = GPOINTER_TO_INT (g_hash_table_lookup (self->by_block, key)) - 1;
  Place place = { needle, at, before };

  g_array_append_val (self->places, place);
  g_hash_table_insert (self->by_block, key, GINT_TO_POINTER ((int)self->places->len));
  self->sieve[sieve_bit (block) / 8] |= (guint8)(1u << sieve_bit (block) % 8);
}

static guint
class_number (Search *self, const char *name)
{
  guint found = 0;

  if (g_ptr_array_find_with_equal_func (self->classes, name, g_str_equal, &found))
    return found;
  g_ptr_array_add (self->classes, g_strdup (name));
  return self->classes->len - 1;
}

static GBytes *
read_hex (const char *hex)
{
  gsize size = strlen (hex) / 2;
  guint8 *bytes = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    bytes[i]
        = (guint8)(g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return g_bytes_new_take (bytes, size);
}

static gboolean
add_needle (Search *self, char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  Needle needle;
  gsize size;
  const guint8 *bytes;

  if (g_strv_length (words) != 3)
    return FALSE;
  needle = (Needle){ read_hex (words[2]), class_number (self, words[0]),
    g_str_equal (words[1], "whole") };
  bytes = g_bytes_get_data (needle.bytes, &size);
  g_array_append_val (self->needles, needle);
  if (size < (needle.whole ? BLOCK : WINDOW))
    return FALSE;
  for (gsize at = 0; at + BLOCK <= size && (at == 0 || !needle.whole); at += BLOCK)
    if (needle.whole || count_distinct (bytes + at, BLOCK) >= DISTINCT)
      add_block (self, self->needles->len - 1, (guint)at, bytes);
  return TRUE;
}

/* Whether the place's needle is there, with its block at `at`: whole, or 16 bytes of it around the block. */
static gboolean
fits (const Search *self, const Place *place, const guint8 *data, gsize size, gsize at)
{
  const Needle *needle = &g_array_index (self->needles, Needle, place->needle);
  gsize needle_size;
  const guint8 *bytes = g_bytes_get_data (needle->bytes, &needle_size);
  gsize before = 0;
  gsize after = BLOCK;

  while (
      before < at && before < place->at && data[at - before - 1] == bytes[place->at - before - 1])
    before++;
  while (at + after < size && place->at + after < needle_size
         && data[at + after] == bytes[place->at + after])
    after++;
  return before + after >= (needle->whole ? needle_size : WINDOW);
}

static void
note_hit (const Search *self, json_t *hits, json_t *first, guint class, const guint8 *data,
    gsize size, gsize at)
{
  const char *name = g_ptr_array_index (self->classes, class);
  g_autoptr (GString) hex = g_string_new (NULL);

  json_object_set_new (
      hits, name, json_integer (json_integer_value (json_object_get (hits, name)) + 1));
  if (json_object_get (first, name) != NULL)
    return;
  for (gsize i = at; i < size && i < at + 32; i++)
    g_string_append_printf (hex, "%02x", data[i]);
  json_object_set_new (first, name, json_pack ("[I, s]", (json_int_t)at, hex->str));
}

static void
search_bytes (const Search *self, const guint8 *data, gsize size, json_t *hits, json_t *first)
{
  for (gsize at = 0; at + BLOCK <= size; at++)
    {
      guint64 block = read_block (data + at);
      guint bit = sieve_bit (block);
      int index;

      if ((self->sieve[bit / 8] & 1u << bit % 8) == 0)
        continue;
      index = GPOINTER_TO_INT (g_hash_table_lookup (self->by_block, GSIZE_TO_POINTER (block))) - 1;
      while (index >= 0)
        {
          const Place *place = &g_array_index (self->places, Place, index);

          index = place->same;
          if (!fits (self, place, data, size, at))
            continue;
          note_hit (self, hits, first, g_array_index (self->needles, Needle, place->needle).class,
              data, size, at);
          break;
        }
    }
}

static gboolean
search_file (const Search *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  json_t *hits = json_object ();
  json_t *first = json_object ();

  if (file == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return FALSE;
    }
  for (guint i = 0; i < self->classes->len; i++)
    json_object_set_new (hits, g_ptr_array_index (self->classes, i), json_integer (0));
  search_bytes (self, (const guint8 *)g_mapped_file_get_contents (file),
      g_mapped_file_get_length (file), hits, first);
  json_t *line = json_pack ("{s:s, s:I, s:o, s:o}", "file", path, "bytes",
      (json_int_t)g_mapped_file_get_length (file), "hits", hits, "first", first);
  json_dumpf (line, stdout, JSON_COMPACT);
  putchar ('\n');
  json_decref (line);
  return TRUE;
}

static void
clear_needle (gpointer needle)
{
  g_bytes_unref (((Needle *)needle)->bytes);
}

static gboolean
run (Search *self, int argc, char **argv)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean done = TRUE;

  if (argc < 3 || !g_file_get_contents (argv[1], &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' && !add_needle (self, lines[i]))
      {
        fprintf (stderr, "needle %u\n", i + 1);
        return FALSE;
      }
  for (int i = 2; i < argc; i++)
    done = search_file (self, argv[i]) && done;
  return done;
}

int
main (int argc, char **argv)
{
  Search self = {
    .classes = g_ptr_array_new_with_free_func (g_free),
    .needles = g_array_new (FALSE, FALSE, sizeof (Needle)),
    .places = g_array_new (FALSE, FALSE, sizeof (Place)),
    .by_block = g_hash_table_new (NULL, NULL),
    .sieve = g_malloc0 (1u << (SIEVE_BITS - 3)),
  };
  gboolean done;

  G_STATIC_ASSERT (sizeof (gpointer) == BLOCK);
  g_array_set_clear_func (self.needles, clear_needle);
  done = run (&self, argc, argv);
  g_ptr_array_unref (self.classes);
  g_array_unref (self.needles);
  g_array_unref (self.places);
  g_hash_table_unref (self.by_block);
  g_free (self.sieve);
  return done ? 0 : 1;
}
