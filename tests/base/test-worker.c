/* SPDX-License-Identifier: Apache-2.0 */
/* src/base/worker.c, time.c and log.c: out to the worker, home to control, in order. */

#include "src/base/worker.h"

#include "src/base/log.h"
#include "src/base/time.h"
#include "tests/support/expect-log.h"

typedef struct
{
  HjWorker *worker;
  int number;
  gboolean was_there;
  GArray *order; /* of arrivals on control */
} Message;

static void
on_worker_look (gpointer data)
{
  Message *message = data;

  message->was_there = hj_worker_is_current (message->worker);
}

static void
looked (gpointer data)
{
  Message *message = data;

  g_assert_true (g_main_context_is_owner (NULL));
  g_array_append_val (message->order, message->number);
}

static void
messages_go_out_and_come_home_in_order (void)
{
  HjWorker *worker = hj_worker_new ("test");
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (int));
  Message messages[100];

  g_assert_false (hj_worker_is_current (worker));
  for (int i = 0; i < 100; i++)
    {
      messages[i] = (Message){ worker, i, FALSE, order };
      hj_worker_run (worker, on_worker_look, looked, &messages[i]);
    }
  while (order->len < 100)
    g_main_context_iteration (NULL, TRUE);
  for (int i = 0; i < 100; i++)
    {
      g_assert_true (messages[i].was_there);
      g_assert_cmpint (g_array_index (order, int, i), ==, i);
    }
  hj_worker_free (worker);
}

static void
a_worker_finishes_what_it_was_asked (void)
{
  HjWorker *worker = hj_worker_new ("test");
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (int));
  Message messages[50];

  for (int i = 0; i < 50; i++)
    {
      messages[i] = (Message){ worker, i, FALSE, order };
      hj_worker_run (worker, on_worker_look, looked, &messages[i]);
    }
  hj_worker_free (worker);
  for (int i = 0; i < 50; i++)
    g_assert_true (messages[i].was_there);
  g_assert_cmpuint (order->len, ==, 0);
  while (order->len < 50)
    g_main_context_iteration (NULL, TRUE);
  hj_worker_free (NULL);
}

static void
heard (gpointer data)
{
  g_assert_true (g_main_context_is_owner (NULL));
  (*(int *)data)++;
}

static gpointer
post (gpointer data)
{
  hj_control_post (heard, data);
  return NULL;
}

static void
news_from_any_thread_comes_home (void)
{
  int count = 0;
  GThread *thread = g_thread_new ("stranger", post, &count);

  g_thread_join (thread);
  /* Also from control itself it is queued: never in place. */
  hj_control_post (heard, &count);
  g_assert_cmpint (count, ==, 0);
  while (count < 2)
    g_main_context_iteration (NULL, TRUE);
}

static void
time_stands_still_until_it_is_set (void)
{
  g_autoptr (HjTime) fake = hj_time_new_fake (5);
  g_autoptr (HjTime) real = hj_time_new ();

  g_assert_cmpint (hj_time_now (fake), ==, 5);
  hj_time_set (fake, 7);
  g_assert_cmpint (hj_time_now (fake), ==, 7);
  g_assert_cmpint (ABS (hj_time_now (real) - g_get_real_time ()), <, HJ_MINUTE_US);
  g_assert_cmpint (HJ_DAY_US, ==, G_GINT64_CONSTANT (86400000000));
}

static void
events_are_messages_not_warnings (void)
{
  hj_event ("booking.asked", NULL, NULL, "Booking %s asked", "id");
  hj_event ("meeting.admitted", "meeting", "peer", "admitted");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/base/worker/messages go out and come home in order",
      messages_go_out_and_come_home_in_order);
  g_test_add_func (
      "/base/worker/a worker finishes what it was asked", a_worker_finishes_what_it_was_asked);
  g_test_add_func ("/base/worker/news from any thread comes home", news_from_any_thread_comes_home);
  g_test_add_func (
      "/base/time/time stands still until it is set", time_stands_still_until_it_is_set);
  g_test_add_func ("/base/log/events are messages, not warnings", events_are_messages_not_warnings);
  return g_test_run ();
}
