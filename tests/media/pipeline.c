/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines of tests: a source that sends what the test gives, a sink that keeps what comes, and measures of whether it is
 * the picture and the tone that were sent. */

#include "tests/media/pipeline.h"

#include <gst/app/app.h>
#include <math.h>
#include <string.h>

#define BAD_LUMA 4.0 /* of 255: the encoder's own error is below 1, the next picture's is 9 */

/* caps: of the appsrc named start; (nullable) when there is none. */
void
pipeline_open (Pipeline *self, const char *description, const char *caps)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCaps) start_caps = caps != NULL ? gst_caps_from_string (caps) : NULL;

  self->pipeline = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  self->start = pipeline_find (self, "start");
  self->end = pipeline_find (self, "end");
  if (self->start != NULL)
    g_object_set (self->start, "caps", start_caps, "format", GST_FORMAT_TIME, NULL);
}

/* Returns: (transfer full) (nullable) */
GstElement *
pipeline_find (Pipeline *self, const char *name)
{
  return gst_bin_get_by_name (GST_BIN (self->pipeline), name);
}

void
pipeline_close (Pipeline *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->start);
  g_clear_object (&self->end);
  g_clear_object (&self->pipeline);
}

/* buffer: (transfer none) */
void
pipeline_push (Pipeline *self, GstBuffer *buffer)
{
  gst_app_src_push_buffer (GST_APP_SRC (self->start), gst_buffer_ref (buffer));
}

/* Ends the stream. Returns: (transfer full): GstBuffer *, all that came until the end or until a decoder gave up. */
GPtrArray *
pipeline_finish (Pipeline *self)
{
  GPtrArray *buffers = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);
  GstSample *sample = NULL;

  if (self->start != NULL)
    gst_app_src_end_of_stream (GST_APP_SRC (self->start));
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (self->end), 20 * GST_SECOND)))
    {
      g_ptr_array_add (buffers, gst_buffer_ref (gst_sample_get_buffer (sample)));
      gst_sample_unref (sample);
    }
  return buffers;
}

/* Returns: that field of the element's stats */
guint64
pipeline_stat (Pipeline *self, const char *element, const char *name)
{
  g_autoptr (GstElement) found = pipeline_find (self, element);
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (found, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

void
frame_keys_begin (HjFrameKeys *keys, guint32 epoch, guint n_seats, gint64 now_us)
{
  g_autoptr (GError) error = NULL;
  HjFrameSeat seats[5];

  for (guint i = 0; i < n_seats; i++)
    {
      seats[i].number = i;
      memset (seats[i].base_key, (int)(16 * epoch + i), HJ_FRAME_BASE_KEY);
    }
  g_assert_true (hj_frame_keys_begin (keys, epoch, seats, n_seats, now_us, &error));
  g_assert_no_error (error);
}

/* Returns: (transfer full): of that seat, in that epoch; the same keys whoever asks */
HjFrameKeys *
frame_keys_of (guint number, guint32 epoch, guint n_seats)
{
  HjFrameKeys *keys = hj_frame_keys_new (number);

  frame_keys_begin (keys, epoch, n_seats, g_get_monotonic_time ());
  return keys;
}

/* description: with a hjsframepay named pay, unless it sends in the clear. Returns: (transfer full): RTP packets */
GPtrArray *
send_through (const char *description, HjFrameKeys *keys)
{
  g_autofree char *whole = g_strconcat (description, " ! appsink name=end sync=false", NULL);
  Pipeline pipeline;
  GPtrArray *packets = NULL;

  pipeline_open (&pipeline, whole, NULL);
  if (keys != NULL)
    {
      g_autoptr (GstElement) pay = pipeline_find (&pipeline, "pay");

      g_object_set (pay, "keys", keys, NULL);
    }
  packets = pipeline_finish (&pipeline);
  pipeline_close (&pipeline);
  return packets;
}

/* description: with a hjsframedepay named depay, when keys is not NULL. Returns: (transfer full): what came out */
GPtrArray *
play_through (
    const char *description, const char *caps, GPtrArray *packets, HjFrameKeys *keys, guint seat)
{
  g_autofree char *whole
      = g_strconcat ("appsrc name=start ! ", description, " ! appsink name=end sync=false", NULL);
  Pipeline pipeline;
  GPtrArray *out = NULL;

  pipeline_open (&pipeline, whole, caps);
  if (keys != NULL)
    {
      g_autoptr (GstElement) depay = pipeline_find (&pipeline, "depay");

      g_object_set (depay, "keys", keys, "seat", seat, NULL);
    }
  for (guint i = 0; i < packets->len; i++)
    pipeline_push (&pipeline, packets->pdata[i]);
  out = pipeline_finish (&pipeline);
  pipeline_close (&pipeline);
  return out;
}

/* Returns: how far the pictures' luma is apart on average, 0 to 255 */
static double
luma_error (GstBuffer *a, GstBuffer *b)
{
  gsize size = (gsize)PICTURE_WIDTH * PICTURE_HEIGHT;
  guint64 sum = 0;
  GstMapInfo map_a;
  GstMapInfo map_b;

  g_assert_true (gst_buffer_map (a, &map_a, GST_MAP_READ));
  g_assert_true (gst_buffer_map (b, &map_b, GST_MAP_READ));
  g_assert_cmpuint (map_a.size, >=, size);
  g_assert_cmpuint (map_b.size, >=, size);
  for (gsize i = 0; i < size; i++)
    sum += (guint64)ABS (map_a.data[i] - map_b.data[i]);
  gst_buffer_unmap (a, &map_a);
  gst_buffer_unmap (b, &map_b);
  return (double)sum / (double)size;
}

/* pictures: I420, with the times of those that were sent. Returns: how many of them show what VIDEO_SOURCE showed then */
guint
count_good_pictures (GPtrArray *pictures)
{
  g_autoptr (GPtrArray) sent = send_through (VIDEO_SOURCE (60), NULL);
  guint n = 0;

  for (guint i = 0; i < pictures->len; i++)
    {
      GstClockTime at = GST_BUFFER_PTS (pictures->pdata[i]);
      guint64 index = gst_util_uint64_scale_round (at, 30, GST_SECOND);
      double error = 0;

      g_assert_cmpuint (index, <, sent->len);
      error = luma_error (sent->pdata[index], pictures->pdata[i]);
      g_test_message (
          "picture %u, sent as %" G_GUINT64_FORMAT ": luma off by %.1f", i, index, error);
      n += error < BAD_LUMA;
    }
  return n;
}

/* Returns: which part of the sound's power is at TONE_HZ (Goertzel's algorithm), 0 to 1; 0 for silence */
double
tone_share (GPtrArray *sounds)
{
  double factor = 2 * cos (2 * G_PI * TONE_HZ / 48000);
  double total = 0;
  double tone = 0;
  guint64 n_total = 0;

  for (guint i = 0; i < sounds->len; i++)
    {
      GstMapInfo map;
      double s1 = 0;
      double s2 = 0;
      gsize n = 0;

      g_assert_true (gst_buffer_map (sounds->pdata[i], &map, GST_MAP_READ));
      n = map.size / sizeof (gint16);
      for (gsize k = 0; k < n; k++)
        {
          double x = ((const gint16 *)(gpointer)map.data)[k];
          double s = x + factor * s1 - s2;

          s2 = s1;
          s1 = s;
          total += x * x;
        }
      if (n > 0)
        tone += (s1 * s1 + s2 * s2 - factor * s1 * s2) * 2 / (double)n;
      n_total += n;
      gst_buffer_unmap (sounds->pdata[i], &map);
    }
  g_test_message (
      "%" G_GUINT64_FORMAT " samples, power %.0f, of it at the tone %.0f", n_total, total, tone);
  return total > 0 ? tone / total : 0;
}
