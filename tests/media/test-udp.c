/* SPDX-License-Identifier: Apache-2.0 */
/* hjudpsrc ! hjudpsink is an echo: each datagram goes back to whom it came from. So nothing may be lost, mixed up or
 * overtaken, whatever the sizes and however many come at once. */

#include <gst/gst.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/wire/address.h"
#include "media/elements.h"
#include "media/outbox.h"
#include "media/udp-port.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define PEERS 3

typedef struct
{
  GstElement *pipeline;
  GstElement *source;
  GstElement *sink;
  int fds[PEERS];
  HjAddress echo;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  struct timeval timeout = { .tv_sec = 5 };
  const char *address = data;
  HjAddress own;
  guint port = 0;

  f->pipeline = gst_parse_launch ("hjudpsrc name=source ! hjudpsink name=sink", NULL);
  f->source = gst_bin_get_by_name (GST_BIN (f->pipeline), "source");
  f->sink = gst_bin_get_by_name (GST_BIN (f->pipeline), "sink");
  g_object_set (f->source, "address", address, NULL);
  g_assert_cmpint (
      gst_element_set_state (f->pipeline, GST_STATE_PLAYING), !=, GST_STATE_CHANGE_FAILURE);
  g_object_get (f->source, "port", &port, NULL);
  g_assert_true (hj_address_parse (&f->echo, "127.0.0.1", (guint16)port));
  g_assert_true (hj_address_parse (&own, "127.0.0.1", 0));
  for (guint i = 0; i < PEERS; i++)
    {
      f->fds[i] = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (bind (f->fds[i], &own.any, hj_address_get_length (&own)), ==, 0);
      g_assert_cmpint (connect (f->fds[i], &f->echo.any, hj_address_get_length (&f->echo)), ==, 0);
      setsockopt (f->fds[i], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gst_element_set_state (f->pipeline, GST_STATE_NULL);
  g_object_unref (f->source);
  g_object_unref (f->sink);
  g_object_unref (f->pipeline);
  for (guint i = 0; i < PEERS; i++)
    close (f->fds[i]);
}

static void
fill (guint8 *bytes, gsize length, guint peer, guint index)
{
  memset (bytes, (int)(peer * 50 + index % 50), length);
  bytes[0] = (guint8)peer;
  bytes[1] = (guint8)index;
}

static void
send_one (Fixture *f, guint peer, guint index, gsize length)
{
  guint8 bytes[2000];

  fill (bytes, length, peer, index);
  g_assert_cmpint (send (f->fds[peer], bytes, length, 0), ==, (gssize)length);
}

static void
expect_one (Fixture *f, guint peer, guint index, gsize length)
{
  guint8 bytes[2000];
  guint8 got[2000];
  gssize n = recv (f->fds[peer], got, sizeof got, 0);

  fill (bytes, length, peer, index);
  g_assert_cmpmem (got, (gsize)n, bytes, length);
}

static guint64
read_count (Fixture *f, const char *name)
{
  guint64 count = 0;

  g_object_get (f->sink, name, &count, NULL);
  return count;
}

static guint64
read_unusable (Fixture *f)
{
  guint64 count = 0;

  g_object_get (f->source, "unusable", &count, NULL);
  return count;
}

static void
runs_of_equal_size_come_back_whole (Fixture *f, gconstpointer data)
{
  for (guint round = 0; round < 20; round++)
    {
      for (guint i = 0; i < 30; i++)
        for (guint peer = 0; peer < PEERS; peer++)
          send_one (f, peer, i, i == 29 ? 300 : 1100);
      for (guint i = 0; i < 30; i++)
        for (guint peer = 0; peer < PEERS; peer++)
          expect_one (f, peer, i, i == 29 ? 300 : 1100);
    }
  g_assert_cmpuint (read_count (f, "sent"), ==, 20 * 30 * PEERS);
  g_assert_cmpuint (read_count (f, "lost"), ==, 0);
  g_test_message ("%" G_GUINT64_FORMAT " messages for %" G_GUINT64_FORMAT " datagrams",
      read_count (f, "messages"), read_count (f, "sent"));
  g_assert_cmpuint (read_count (f, "messages"), <, read_count (f, "sent"));
}

static void
sizes_may_differ (Fixture *f, gconstpointer data)
{
  for (guint round = 0; round < 20; round++)
    {
      for (guint i = 0; i < 50; i++)
        send_one (f, i % PEERS, i, 2 + (i * 389) % (HJ_DATAGRAM_MAX - 40));
      for (guint i = 0; i < 50; i++)
        expect_one (f, i % PEERS, i, 2 + (i * 389) % (HJ_DATAGRAM_MAX - 40));
    }
}

static void
datagrams_that_are_too_long_are_dropped (Fixture *f, gconstpointer data)
{
  send_one (f, 0, 1, HJ_DATAGRAM_MAX + 1);
  send_one (f, 0, 2, HJ_DATAGRAM_MAX - 28);
  expect_one (f, 0, 2, HJ_DATAGRAM_MAX - 28);
  g_assert_cmpuint (read_unusable (f), ==, 1);
}

/* As a sender whose kernel cuts for it, so that ours may put the pieces together again. */
static void
send_train (Fixture *f, guint peer, guint index, gsize segment, gsize total)
{
  guint8 bytes[65536];
  struct iovec part = { bytes, total };
  union
  {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (guint16))];
  } control = { 0 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  guint16 size = (guint16)segment;

  for (gsize at = 0; at < total; at += segment, index++)
    fill (bytes + at, MIN (segment, total - at), peer, index);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (header), &size, sizeof size);
  g_assert_cmpint (sendmsg (f->fds[peer], &message, 0), ==, (gssize)total);
}

static void
expect_train (Fixture *f, guint peer, guint index, gsize segment, gsize total)
{
  for (gsize at = 0; at < total; at += segment, index++)
    expect_one (f, peer, index, MIN (segment, total - at));
}

static void
trains_are_taken_apart_and_put_together (Fixture *f, gconstpointer data)
{
  static const struct
  {
    gsize segment;
    gsize total;
  } TRAINS[] = {
    { 1000, 4000 }, { 1000, 3001 }, /* the last has one byte */
    { 1000, 3999 }, { 1, 40 },
    { HJ_DATAGRAM_MAX - 28, 3 * (HJ_DATAGRAM_MAX - 28) }, /* too long for segments */
    { 1400, 64 * 700 }, { 100, 50 * 100 },                /* more than the sink puts together */
  };

  for (guint round = 0; round < 5; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (TRAINS); i++)
      {
        for (guint peer = 0; peer < PEERS; peer++)
          send_train (f, peer, (guint)i, TRAINS[i].segment, TRAINS[i].total);
        for (guint peer = 0; peer < PEERS; peer++)
          expect_train (f, peer, (guint)i, TRAINS[i].segment, TRAINS[i].total);
      }
  g_assert_cmpuint (read_count (f, "lost"), ==, 0);
  g_assert_cmpuint (read_count (f, "messages"), <, read_count (f, "sent"));
}

/* More at once than the elements work off at once, in trains and alone, of all peers. */
static void
more_than_a_batch_keeps_its_order (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    for (guint peer = 0; peer < PEERS; peer++)
      if ((i + peer) % 3 == 0)
        send_train (f, peer, i, 200, 500);
      else
        send_one (f, peer, i, 50 + (i * 7) % 300);
  for (guint i = 0; i < 100; i++)
    for (guint peer = 0; peer < PEERS; peer++)
      if ((i + peer) % 3 == 0)
        expect_train (f, peer, i, 200, 500);
      else
        expect_one (f, peer, i, 50 + (i * 7) % 300);
}

static void
trains_of_datagrams_that_are_too_long_are_dropped (Fixture *f, gconstpointer data)
{
  send_train (f, 0, 1, HJ_DATAGRAM_MAX + 1, 3 * (HJ_DATAGRAM_MAX + 1));
  send_train (f, 0, 2, HJ_DATAGRAM_MAX + 1, HJ_DATAGRAM_MAX + 2);
  g_assert_cmpint (send (f->fds[0], "", 0, 0), ==, 0); /* nothing at all is no packet, either */
  send_train (f, 0, 3, 1000, 2000);
  expect_train (f, 0, 3, 1000, 2000);
  g_assert_cmpuint (read_unusable (f), ==, 3 + 2 + 1);
}

/* A socket without checksums cannot be told to cut. */
static void
a_kernel_that_does_not_cut_gets_each_alone (Fixture *f, gconstpointer data)
{
  static const int ON = 1;
  static const int OFF = 0;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (f->sink, "sink");
  g_autoptr (HjUdpPort) port = hj_udp_port_find_upstream (pad);
  guint64 before = 0;

  send_train (f, 0, 1, 1000, 4000);
  expect_train (f, 0, 1, 1000, 4000);
  before = read_count (f, "messages");
  g_assert_cmpuint (before, <, 4);
  g_assert_cmpint (
      setsockopt (hj_udp_port_get_fd (port), SOL_SOCKET, SO_NO_CHECK, &ON, sizeof ON), ==, 0);
  for (guint i = 0; i < 30; i++)
    {
      send_train (f, i % PEERS, i, 1000, 19900);
      expect_train (f, i % PEERS, i, 1000, 19900);
    }
  /* One destination's trouble is not everybody's. */
  g_assert_cmpint (
      setsockopt (hj_udp_port_get_fd (port), SOL_SOCKET, SO_NO_CHECK, &OFF, sizeof OFF), ==, 0);
  send_train (f, 0, 31, 1000, 4000);
  expect_train (f, 0, 31, 1000, 4000);
  gst_element_set_state (f->pipeline, GST_STATE_NULL); /* what is counted last is counted now */
  g_assert_cmpuint (read_count (f, "lost"), ==, 0);
  g_assert_cmpuint (read_count (f, "sent"), ==, 4 + 30 * 20 + 4);
  g_assert_cmpuint (read_count (f, "messages") - before, <, 30 * 20 + 4);
}

static GstPadProbeReturn
keep_first (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer **kept = data;

  if (*kept == NULL)
    *kept = gst_buffer_ref (gst_buffer_list_get (gst_pad_probe_info_get_buffer_list (info), 0));
  return GST_PAD_PROBE_OK;
}

static void
what_a_tap_keeps_stays_as_it_was (Fixture *f, gconstpointer data)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (f->source, "src");
  GstBuffer *kept = NULL;
  guint8 bytes[700];
  gulong probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, keep_first, &kept, NULL);

  for (guint i = 0; i < 20; i++)
    {
      send_one (f, 0, i, sizeof bytes);
      expect_one (f, 0, i, sizeof bytes);
    }
  gst_pad_remove_probe (pad, probe);
  gst_element_set_state (f->pipeline, GST_STATE_NULL);
  fill (bytes, sizeof bytes, 0, 0);
  g_assert_cmpuint (gst_buffer_get_size (kept), ==, sizeof bytes);
  g_assert_cmpint (gst_buffer_memcmp (kept, 0, bytes, sizeof bytes), ==, 0);
  gst_buffer_unref (kept);
}

static void
it_stops_and_starts_again (Fixture *f, gconstpointer data)
{
  guint port = 0;

  send_one (f, 0, 1, 100);
  expect_one (f, 0, 1, 100);
  gst_element_set_state (f->pipeline, GST_STATE_READY);
  gst_element_set_state (f->pipeline, GST_STATE_PLAYING);
  g_object_get (f->source, "port", &port, NULL);
  g_assert_cmpuint (port, !=, 0);
  g_assert_true (hj_address_parse (&f->echo, "127.0.0.1", (guint16)port));
  g_assert_cmpint (connect (f->fds[0], &f->echo.any, hj_address_get_length (&f->echo)), ==, 0);
  send_one (f, 0, 2, 100);
  expect_one (f, 0, 2, 100);
}

static void
a_taken_port_is_an_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GstElement) source = gst_element_factory_make ("hjudpsrc", NULL);
  g_autoptr (GstElement) sink = gst_element_factory_make ("hjudpsink", NULL);
  g_autoptr (GstElement) second = gst_pipeline_new (NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (second);
  g_autoptr (GstMessage) message = NULL;

  g_object_set (source, "address", data, "port", (guint)hj_address_get_port (&f->echo), NULL);
  gst_object_ref_sink (second);
  gst_bin_add_many (GST_BIN (second), g_object_ref_sink (source), g_object_ref_sink (sink), NULL);
  g_assert_true (gst_element_link (source, sink));
  g_assert_cmpint (gst_element_set_state (second, GST_STATE_PLAYING), ==, GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_element_set_state (second, GST_STATE_NULL);
}

/* The relay holds packets back that must leave before the next tick. */
static void
a_wait_ends_by_its_deadline (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjUdpPort) port = hj_udp_port_open ("127.0.0.1", 0, &error);
  struct mmsghdr message = { 0 };
  gint64 began_us = g_get_monotonic_time ();

  g_assert_no_error (error);
  hj_udp_port_set_deadline (port, began_us + 3000);
  g_assert_cmpuint (hj_udp_port_receive (port, &message, 1, 60000), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 3000);
  hj_udp_port_set_deadline (port, began_us - 5);
  g_assert_cmpuint (hj_udp_port_receive (port, &message, 1, 60000), ==, 0); /* past: at once */
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 30 * G_TIME_SPAN_SECOND);
  hj_udp_port_set_deadline (port, G_MAXINT64);
  g_assert_cmpuint (hj_udp_port_receive (port, &message, 1, 1), ==, 0);
}

int
main (int argc, char **argv)
{
  static const char V4[] = "127.0.0.1";
  static const char V6[] = "::"; /* IPv4 peers are mapped */

  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  hj_elements_register (NULL);
#define ADD(name, address, test) g_test_add (name, Fixture, address, set_up, test, tear_down)
  ADD ("/udp/runs-of-equal-size-come-back-whole", V4, runs_of_equal_size_come_back_whole);
  ADD ("/udp/runs-of-equal-size-come-back-whole-on-both-stacks", V6,
      runs_of_equal_size_come_back_whole);
  ADD ("/udp/sizes-may-differ", V4, sizes_may_differ);
  ADD ("/udp/datagrams-that-are-too-long-are-dropped", V4, datagrams_that_are_too_long_are_dropped);
  ADD ("/udp/trains-are-taken-apart-and-put-together", V4, trains_are_taken_apart_and_put_together);
  ADD ("/udp/trains-are-taken-apart-and-put-together-on-both-stacks", V6,
      trains_are_taken_apart_and_put_together);
  ADD ("/udp/more-than-a-batch-keeps-its-order", V4, more_than_a_batch_keeps_its_order);
  ADD ("/udp/trains-of-datagrams-that-are-too-long-are-dropped", V4,
      trains_of_datagrams_that_are_too_long_are_dropped);
  ADD ("/udp/a-kernel-that-does-not-cut-gets-each-alone", V4,
      a_kernel_that_does_not_cut_gets_each_alone);
  ADD ("/udp/what-a-tap-keeps-stays-as-it-was", V4, what_a_tap_keeps_stays_as_it_was);
  ADD ("/udp/it-stops-and-starts-again", V4, it_stops_and_starts_again);
  ADD ("/udp/a-taken-port-is-an-error", V4, a_taken_port_is_an_error);
#undef ADD
  g_test_add_func ("/udp/a-wait-ends-by-its-deadline", a_wait_ends_by_its_deadline);
  return g_test_run ();
}
