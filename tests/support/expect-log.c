/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings are fatal in tests unless the test announced them: a log writer of our own, because g_test_expect_message()
 * does not see structured messages. Any thread may log. */

#include "tests/support/expect-log.h"

typedef struct
{
  GLogLevelFlags level;
  char *pattern;
} Expected;

static GMutex mutex; /* logs come from every thread */
static GQueue expected = G_QUEUE_INIT;

static gboolean
take_expected (GLogLevelFlags level, const char *message)
{
  Expected *first;
  gboolean matches;

  g_mutex_lock (&mutex);
  first = g_queue_peek_head (&expected);
  matches = first != NULL && (level & first->level) != 0
            && g_pattern_match_simple (first->pattern, message);
  if (matches)
    {
      g_queue_pop_head (&expected);
      g_free (first->pattern);
      g_free (first);
    }
  g_mutex_unlock (&mutex);
  return matches;
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *message = "";

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
  if ((level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)) == 0)
    return G_LOG_WRITER_HANDLED;
  if (take_expected (level, message))
    return G_LOG_WRITER_HANDLED;
  g_printerr ("unexpected log: %s\n", message);
  g_abort ();
}

/* Instead of g_test_init(). */
void
hj_test_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
}

/* The next warning of this level must match the pattern (g_pattern_match_simple) and is then swallowed. */
void
hj_expect_log (GLogLevelFlags level, const char *pattern)
{
  Expected *entry = g_new (Expected, 1);

  *entry = (Expected){ level, g_strdup (pattern) };
  g_mutex_lock (&mutex);
  g_queue_push_tail (&expected, entry);
  g_mutex_unlock (&mutex);
}

void
hj_assert_expected_logs (void)
{
  g_mutex_lock (&mutex);
  g_assert_cmpuint (g_queue_get_length (&expected), ==, 0);
  g_mutex_unlock (&mutex);
}
