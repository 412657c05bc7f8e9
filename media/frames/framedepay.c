/* SPDX-License-Identifier: Apache-2.0 */
/* hjsframedepay: puts RTP packets together to frames, opens them, and passes on what one expected seat has sealed; all
 * else is dropped and counted. A lost or dropped frame of a picture costs those that refer to it: a key frame is asked
 * for. Runs in the streaming thread. docs/e2ee.md section 1. */

#include <gst/rtp/rtp.h>
#include <gst/video/video.h>
#include <string.h>

#include "media/frames/frameelements.h"
#include "media/frames/framekeys.h"
#include "media/frames/framevp8.h"

#define ASK_AGAIN_US (500 * G_TIME_SPAN_MILLISECOND)
#define MAX_SEALED (HJ_FRAME_MAX + HJ_FRAME_MAX_OVERHEAD)

#define HJ_TYPE_FRAME_DEPAY (hj_frame_depay_get_type ())
G_DECLARE_FINAL_TYPE (HjFrameDepay, hj_frame_depay, HJ, FRAME_DEPAY, GstRTPBaseDepayload)

/* Beside the verdicts of opening: why a frame was not passed on. */
enum
{
  LOST = HJ_FRAME_N_VERDICTS, /* packets are missing */
  WAITING,                    /* opened, but refers to one that is missing */
  N_REASONS,
};

struct _HjFrameDepay
{
  GstRTPBaseDepayload parent_instance;

  HjFrameKeys *keys; /* (nullable); under the object lock, as the seat and the counters */
  guint seat;
  guint64 counts[N_REASONS]; /* [HJ_FRAME_OK]: opened */

  HjMediaKind kind;
  GByteArray *sealed; /* of the frame that is being put together */
  gboolean assembling;
  guint32 timestamp; /* of that frame */
  gboolean waiting;  /* for a key frame */
  gboolean any;      /* last is set */
  HjFrameSource last;
  gint64 asked_us; /* when a key frame was asked for, 0: not */
};

enum
{
  PROP_0,
  PROP_KEYS,
  PROP_SEAT,
  PROP_OPENED,
  PROP_DROPPED,
  PROP_STATS,
};

GST_DEBUG_CATEGORY_STATIC (frame_depay_debug);
#define GST_CAT_DEFAULT frame_depay_debug

G_DEFINE_TYPE_WITH_CODE (HjFrameDepay, hj_frame_depay, GST_TYPE_RTP_BASE_DEPAYLOAD,
    GST_DEBUG_CATEGORY_INIT (frame_depay_debug, "hjsframedepay", 0, "frames, opened"))
GST_ELEMENT_REGISTER_DEFINE (hjsframedepay, "hjsframedepay", GST_RANK_NONE, HJ_TYPE_FRAME_DEPAY)

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
        GST_STATIC_CAPS ("application/x-rtp, media=(string)video, clock-rate=(int)90000, "
                         "encoding-name=(string)VP8; "
                         "application/x-rtp, media=(string)audio, clock-rate=(int)48000, "
                         "encoding-name=(string)OPUS"));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC,
    GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-vp8; audio/x-opus, channel-mapping-family=(int)0"));

static const char *
reason_word (guint reason)
{
  if (reason == LOST)
    return "lost";
  return reason == WAITING ? "waiting" : hj_frame_verdict_word (reason);
}

static gboolean
set_caps (GstRTPBaseDepayload *base, GstCaps *caps)
{
  HjFrameDepay *self = HJ_FRAME_DEPAY (base);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  g_autoptr (GstCaps) out = NULL;

  self->kind = g_strcmp0 (gst_structure_get_string (structure, "media"), "video") == 0 ? HJ_VIDEO
                                                                                       : HJ_AUDIO;
  base->clock_rate = self->kind == HJ_VIDEO ? 90000 : 48000;
  out = gst_caps_from_string (
      self->kind == HJ_VIDEO
          ? "video/x-vp8, framerate=(fraction)0/1"
          : "audio/x-opus, channel-mapping-family=(int)0, channels=(int)2, rate=(int)48000");
  return gst_pad_set_caps (GST_RTP_BASE_DEPAYLOAD_SRCPAD (base), out);
}

static void
count (HjFrameDepay *self, guint reason)
{
  GST_OBJECT_LOCK (self);
  self->counts[reason]++;
  GST_OBJECT_UNLOCK (self);
  if (reason != HJ_FRAME_OK)
    GST_INFO_OBJECT (self, "a frame is dropped: %s", reason_word (reason));
}

/* What refers to the missing frame is dropped until a key frame comes. */
static void
need_key_frame (HjFrameDepay *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->kind != HJ_VIDEO)
    return;
  self->waiting = TRUE;
  if (self->asked_us != 0 && now_us - self->asked_us < ASK_AGAIN_US)
    return;
  self->asked_us = now_us;
  gst_pad_push_event (GST_RTP_BASE_DEPAYLOAD_SINKPAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
}

static void
lose_frame (HjFrameDepay *self)
{
  self->assembling = FALSE;
  count (self, LOST);
  need_key_frame (self);
}

/* Counters tell what a network cannot hide: a frame follows the last one when its counter does. The first of an epoch
 * follows when nothing was dropped since. */
static gboolean
follows (HjFrameDepay *self, const HjFrameSource *source)
{
  gboolean follows = self->any
                     && (source->epoch == self->last.epoch ? source->ctr == self->last.ctr + 1
                                                           : source->ctr == 0);

  self->any = TRUE;
  self->last = *source;
  return follows;
}

/* Whether the decoder can use the opened frame. */
static gboolean
is_usable (HjFrameDepay *self, const HjFrameSource *source, const guint8 *frame, gsize size)
{
  gboolean in_order = follows (self, source);

  if (self->kind == HJ_AUDIO)
    return TRUE;
  if (hj_frame_is_key (frame, size))
    {
      self->waiting = FALSE;
      self->asked_us = 0;
      return TRUE;
    }
  if (in_order && !self->waiting)
    return TRUE;
  count (self, WAITING);
  need_key_frame (self);
  return FALSE;
}

static HjFrameVerdict
open_with_keys (HjFrameDepay *self, const guint8 *sealed, gsize sealed_size, guint8 *out,
    gsize *size, HjFrameSource *source)
{
  g_autoptr (HjFrameKeys) keys = NULL;
  guint seat = 0;

  GST_OBJECT_LOCK (self);
  seat = self->seat;
  if (self->keys != NULL)
    keys = hj_frame_keys_ref (self->keys);
  GST_OBJECT_UNLOCK (self);
  if (keys == NULL)
    return HJ_FRAME_NO_KEY;
  return hj_frame_keys_open (
      keys, seat, self->kind, sealed, sealed_size, out, size, source, g_get_monotonic_time ());
}

/* Returns: (transfer full) (nullable): the frame as the other end's encoder made it. */
static GstBuffer *
open_frame (HjFrameDepay *self, const guint8 *sealed, gsize sealed_size)
{
  g_autofree guint8 *frame = g_malloc (MAX (sealed_size, 1));
  gsize size = 0;
  HjFrameSource source = { 0 };
  HjFrameVerdict verdict = open_with_keys (self, sealed, sealed_size, frame, &size, &source);
  GstBuffer *out = NULL;

  count (self, verdict);
  if (verdict != HJ_FRAME_OK)
    {
      if (verdict != HJ_FRAME_REPLAYED) /* that one was there before: nothing is missing */
        need_key_frame (self);
      return NULL;
    }
  if (!is_usable (self, &source, frame, size))
    return NULL;
  out = gst_buffer_new_wrapped (g_steal_pointer (&frame), size);
  if (self->kind == HJ_VIDEO && !hj_frame_is_key (sealed, sealed_size))
    GST_BUFFER_FLAG_SET (out, GST_BUFFER_FLAG_DELTA_UNIT);
  return out;
}

/* One packet's part of a picture. Returns: whether the frame is whole now. */
static gboolean
take_part (HjFrameDepay *self, GstRTPBuffer *rtp, const guint8 *payload, gsize size)
{
  guint32 timestamp = gst_rtp_buffer_get_timestamp (rtp);
  gboolean begins = FALSE;
  gsize descriptor = hj_vp8_read_descriptor (payload, size, &begins);

  if (self->assembling
      && (begins || descriptor == 0 || timestamp != self->timestamp
          || GST_BUFFER_IS_DISCONT (rtp->buffer)
          || self->sealed->len + size - descriptor > MAX_SEALED))
    lose_frame (self);
  if (descriptor == 0)
    return FALSE;
  if (begins)
    {
      self->assembling = TRUE;
      self->timestamp = timestamp;
      g_byte_array_set_size (self->sealed, 0);
    }
  if (!self->assembling)
    {
      need_key_frame (self); /* its beginning is missing */
      return FALSE;
    }
  g_byte_array_append (self->sealed, payload + descriptor, (guint)(size - descriptor));
  if (!gst_rtp_buffer_get_marker (rtp))
    return FALSE;
  self->assembling = FALSE;
  return TRUE;
}

static GstBuffer *
process_rtp_packet (GstRTPBaseDepayload *base, GstRTPBuffer *rtp)
{
  HjFrameDepay *self = HJ_FRAME_DEPAY (base);
  const guint8 *payload = gst_rtp_buffer_get_payload (rtp);
  gsize size = gst_rtp_buffer_get_payload_len (rtp);

  if (size == 0) /* padding alone: a probe for bandwidth */
    return NULL;
  if (self->kind == HJ_AUDIO)
    return open_frame (self, payload, size);
  if (!take_part (self, rtp, payload, size))
    return NULL;
  return open_frame (self, self->sealed->data, self->sealed->len);
}

static void
forget_stream (HjFrameDepay *self)
{
  self->assembling = FALSE;
  self->waiting = TRUE;
  self->any = FALSE;
  self->asked_us = 0;
  g_byte_array_set_size (self->sealed, 0);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    forget_stream (HJ_FRAME_DEPAY (element));
  return GST_ELEMENT_CLASS (hj_frame_depay_parent_class)->change_state (element, transition);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HjFrameDepay *self = HJ_FRAME_DEPAY (object);
  HjFrameKeys *before = NULL;

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_KEYS:
      before = self->keys;
      self->keys = g_value_dup_boxed (value);
      break;
    case PROP_SEAT:
      self->seat = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
  GST_OBJECT_UNLOCK (self);
  hj_frame_keys_unref (before);
}

static guint64
sum_dropped (const HjFrameDepay *self)
{
  guint64 sum = 0;

  for (guint reason = HJ_FRAME_OK + 1; reason < N_REASONS; reason++)
    sum += self->counts[reason];
  return sum;
}

/* Returns: (transfer full): one field per reason, "ok" for what was opened. */
static GstStructure *
make_stats (const HjFrameDepay *self)
{
  GstStructure *stats = gst_structure_new_empty ("application/x-hjsframedepay-stats");

  for (guint reason = 0; reason < N_REASONS; reason++)
    gst_structure_set (stats, reason_word (reason), G_TYPE_UINT64, self->counts[reason], NULL);
  return stats;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HjFrameDepay *self = HJ_FRAME_DEPAY (object);

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_KEYS:
      g_value_set_boxed (value, self->keys);
      break;
    case PROP_SEAT:
      g_value_set_uint (value, self->seat);
      break;
    case PROP_OPENED:
      g_value_set_uint64 (value, self->counts[HJ_FRAME_OK]);
      break;
    case PROP_DROPPED:
      g_value_set_uint64 (value, sum_dropped (self));
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  HjFrameDepay *self = HJ_FRAME_DEPAY (object);

  hj_frame_keys_unref (self->keys);
  g_byte_array_unref (self->sealed);
  G_OBJECT_CLASS (hj_frame_depay_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_KEYS,
      g_param_spec_boxed ("keys", "Keys",
          "The keys of this end, an HjFrameKeys; without it nothing is passed on",
          HJ_TYPE_FRAME_KEYS, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_SEAT,
      g_param_spec_uint ("seat", "Seat",
          "Number of the seat whose frames are expected; those of others are dropped", 0,
          HJ_FRAME_MAX_NUMBER, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_OPENED,
      g_param_spec_uint64 ("opened", "Opened", "Frames that were opened", 0, G_MAXUINT64, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_DROPPED,
      g_param_spec_uint64 ("dropped", "Dropped", "Frames that were not passed on", 0, G_MAXUINT64,
          0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "How many frames were opened (ok) and why others were dropped: short, oversize, foreign "
          "(of another seat or kind), no-key, replayed, forged, lost, waiting (for a key frame)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
hj_frame_depay_class_init (HjFrameDepayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRTPBaseDepayloadClass *base_class = GST_RTP_BASE_DEPAYLOAD_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Huijian SFrame depayloader",
      "Codec/Decrypter/Depayloader/Network/RTP",
      "Puts RTP packets together to VP8 and Opus frames and opens them (SFrame, RFC 9605)",
      "Huijian");
  element_class->change_state = change_state;
  base_class->set_caps = set_caps;
  base_class->process_rtp_packet = process_rtp_packet;
}

static void
hj_frame_depay_init (HjFrameDepay *self)
{
  self->sealed = g_byte_array_new ();
  forget_stream (self);
}
