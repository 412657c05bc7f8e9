/* SPDX-License-Identifier: Apache-2.0 */
/* What a person would see and hear, in numbers: how many pictures, how large, their average colour, how much one differs
 * from the next; how loud, and at which frequency. */

#include "tests/peer/watch.h"

#include <gst/video/video.h>
#include <math.h>
#include <string.h>

#include "src/base/json.h"

#define RATE 48000

struct _Watch
{
  GMutex lock; /* streaming thread and main thread */
  guint64 n_pictures;
  guint width;
  guint height;
  double average[3]; /* Y, U, V of the last picture */
  double motion;     /* average distance of luma between the last two */
  guint8 *last;
  gsize last_size;

  guint64 n_samples;
  /* Since the last description */
  guint64 n_heard;
  guint64 n_crossings;
  double power;
  gboolean above; /* zero */
};

Watch *
watch_new (void)
{
  Watch *self = g_new0 (Watch, 1);

  g_mutex_init (&self->lock);
  return self;
}

void
watch_free (Watch *self)
{
  if (self == NULL)
    return;
  g_mutex_clear (&self->lock);
  g_free (self->last);
  g_free (self);
}

static double
average_plane (const GstVideoFrame *frame, guint plane)
{
  const guint8 *data = GST_VIDEO_FRAME_PLANE_DATA (frame, plane);
  gsize stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (frame, plane);
  guint width = (guint)GST_VIDEO_FRAME_COMP_WIDTH (frame, plane);
  guint height = (guint)GST_VIDEO_FRAME_COMP_HEIGHT (frame, plane);
  guint64 sum = 0;

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      sum += data[y * stride + x];
  return (double)sum / ((double)width * height);
}

/* Keeps the picture's luma to compare the next one with. */
static void
compare_with_last (Watch *self, const GstVideoFrame *frame)
{
  const guint8 *data = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  gsize stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  gsize size = (gsize)self->width * self->height;
  guint64 sum = 0;

  if (self->last_size != size)
    {
      g_free (self->last);
      self->last = g_malloc0 (size);
      self->last_size = size;
    }
  for (guint y = 0; y < self->height; y++)
    for (guint x = 0; x < self->width; x++)
      {
        guint8 *last = &self->last[y * self->width + x];
        guint8 now = data[y * stride + x];

        sum += (guint64)ABS (now - *last);
        *last = now;
      }
  self->motion = (double)sum / (double)size;
}

static GstPadProbeReturn
on_picture (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Watch *self = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo format;
  GstVideoFrame frame;

  if (!gst_video_info_from_caps (&format, caps)
      || !gst_video_frame_map (&frame, &format, GST_PAD_PROBE_INFO_BUFFER (info), GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&self->lock);
  self->n_pictures++;
  self->width = (guint)GST_VIDEO_FRAME_WIDTH (&frame);
  self->height = (guint)GST_VIDEO_FRAME_HEIGHT (&frame);
  for (guint plane = 0; plane < 3; plane++)
    self->average[plane] = average_plane (&frame, plane);
  compare_with_last (self, &frame);
  g_mutex_unlock (&self->lock);
  gst_video_frame_unmap (&frame);
  return GST_PAD_PROBE_OK;
}

/* pad: carries I420 */
void
watch_pictures (Watch *self, GstPad *pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, self, NULL);
}

static GstPadProbeReturn
on_sound (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Watch *self = data;
  GstMapInfo map;
  const gint16 *samples = NULL;

  if (!gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  samples = (const gint16 *)(gpointer)map.data;
  g_mutex_lock (&self->lock);
  for (gsize i = 0; i < map.size / sizeof *samples; i++)
    {
      gboolean above = samples[i] > 0;

      self->n_crossings += above && !self->above;
      self->above = above;
      self->power += (double)samples[i] * samples[i];
      self->n_heard++;
    }
  self->n_samples += map.size / sizeof *samples;
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  return GST_PAD_PROBE_OK;
}

/* pad: carries one channel of S16LE at 48 kHz */
void
watch_sounds (Watch *self, GstPad *pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_sound, self, NULL);
}

/* Returns: (transfer full): {pictures, width, height, y, u, v, motion, samples, loudness, hz}; loudness and hz are of what was
 * heard since the last time */
json_t *
watch_describe (Watch *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  double n = (double)self->n_heard;
  json_t *words = json_pack ("{s:I, s:i, s:i, s:f, s:f, s:f, s:f, s:I, s:f, s:f}", "pictures",
      (json_int_t)self->n_pictures, "width", (int)self->width, "height", (int)self->height, "y",
      self->average[0], "u", self->average[1], "v", self->average[2], "motion", self->motion,
      "samples", (json_int_t)self->n_samples, "loudness", n > 0 ? sqrt (self->power / n) : 0.0,
      "hz", n > 0 ? (double)self->n_crossings * RATE / n : 0.0);

  self->n_heard = self->n_crossings = 0;
  self->power = 0;
  return words;
}
