/* SPDX-License-Identifier: Apache-2.0 */
/* hjsframepay: seals each encoded frame for the other ends and puts it into RTP packets. Without a key nothing leaves it;
 * there is no way to make it send a frame as it came. Runs in the streaming thread. docs/e2ee.md sections 1 and 4. */

#include <gst/rtp/rtp.h>
#include <gst/video/video.h>
#include <string.h>

#include "media/frames/frameelements.h"
#include "media/frames/framekeys.h"
#include "media/frames/framevp8.h"

#define DEFAULT_MTU 1200 /* as browsers: SRTP and every tunnel on the way find room */
#define ASK_AGAIN_US (500 * G_TIME_SPAN_MILLISECOND)

#define HJ_TYPE_FRAME_PAY (hj_frame_pay_get_type ())
G_DECLARE_FINAL_TYPE (HjFramePay, hj_frame_pay, HJ, FRAME_PAY, GstRTPBasePayload)

struct _HjFramePay
{
  GstRTPBasePayload parent_instance;

  HjFrameKeys *keys; /* (nullable); under the object lock, as the counters */
  guint64 n_sealed;
  guint64 n_dropped;

  HjMediaKind kind;
  guint16 picture_id;
  gboolean
      broken; /* a frame was dropped: what refers to it helps nobody, the next must be a key frame */
  gint64 asked_us; /* when one was asked for, 0: not */
};

enum
{
  PROP_0,
  PROP_KEYS,
  PROP_SEALED,
  PROP_DROPPED,
};

GST_DEBUG_CATEGORY_STATIC (frame_pay_debug);
#define GST_CAT_DEFAULT frame_pay_debug

G_DEFINE_TYPE_WITH_CODE (HjFramePay, hj_frame_pay, GST_TYPE_RTP_BASE_PAYLOAD,
    GST_DEBUG_CATEGORY_INIT (frame_pay_debug, "hjsframepay", 0, "frames, sealed"))
GST_ELEMENT_REGISTER_DEFINE (hjsframepay, "hjsframepay", GST_RANK_NONE, HJ_TYPE_FRAME_PAY)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK,
    GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-vp8; audio/x-opus, channel-mapping-family=(int)0"));

static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
        GST_STATIC_CAPS ("application/x-rtp, media=(string)video, clock-rate=(int)90000, "
                         "payload=" GST_RTP_PAYLOAD_DYNAMIC_STRING ", encoding-name=(string)VP8; "
                         "application/x-rtp, media=(string)audio, clock-rate=(int)48000, "
                         "payload=" GST_RTP_PAYLOAD_DYNAMIC_STRING ", encoding-name=(string)OPUS, "
                         "encoding-params=(string)2"));

static gboolean
set_caps (GstRTPBasePayload *base, GstCaps *caps)
{
  HjFramePay *self = HJ_FRAME_PAY (base);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);

  self->kind = gst_structure_has_name (structure, "video/x-vp8") ? HJ_VIDEO : HJ_AUDIO;
  if (self->kind == HJ_VIDEO)
    {
      gst_rtp_base_payload_set_options (base, "video", TRUE, "VP8", 90000);
      return gst_rtp_base_payload_set_outcaps (base, NULL);
    }
  gst_rtp_base_payload_set_options (base, "audio", TRUE, "OPUS", 48000);
  /* Always two, whatever is in the frames (RFC 7587 7). */
  return gst_rtp_base_payload_set_outcaps (base, "encoding-params", G_TYPE_STRING, "2", NULL);
}

static HjFrameKeys *
ref_keys (HjFramePay *self)
{
  HjFrameKeys *keys = NULL;

  GST_OBJECT_LOCK (self);
  if (self->keys != NULL)
    keys = hj_frame_keys_ref (self->keys);
  GST_OBJECT_UNLOCK (self);
  return keys;
}

static void
count (HjFramePay *self, guint64 *counter)
{
  GST_OBJECT_LOCK (self);
  (*counter)++;
  GST_OBJECT_UNLOCK (self);
}

static void
ask_for_key_frame (HjFramePay *self, gint64 now_us)
{
  if (self->asked_us != 0 && now_us - self->asked_us < ASK_AGAIN_US)
    return;
  self->asked_us = now_us;
  gst_pad_push_event (GST_RTP_BASE_PAYLOAD_SINKPAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
}

/* out: room for the frame and its overhead. Returns: bytes, 0 when the frame goes nowhere */
static gsize
seal (HjFramePay *self, const GstMapInfo *frame, guint8 *out)
{
  g_autoptr (HjFrameKeys) keys = ref_keys (self);
  gint64 now_us = g_get_monotonic_time ();
  gsize size = 0;
  HjFrameVerdict verdict = HJ_FRAME_NO_KEY;

  if (self->kind == HJ_VIDEO && self->broken && !hj_frame_is_key (frame->data, frame->size))
    {
      if (keys != NULL && hj_frame_keys_get_sending (keys, now_us) != 0)
        ask_for_key_frame (self, now_us);
      return 0;
    }
  if (keys != NULL)
    verdict = hj_frame_keys_seal (keys, self->kind, frame->data, frame->size, out, &size, now_us);
  if (verdict != HJ_FRAME_OK)
    GST_INFO_OBJECT (self, "a frame of %" G_GSIZE_FORMAT " bytes is not sent: %s", frame->size,
        hj_frame_verdict_word (verdict));
  self->broken = verdict != HJ_FRAME_OK;
  self->asked_us = 0;
  return size;
}

/* Returns: (transfer full): one packet; before its part of the frame, video has a descriptor. */
static GstBuffer *
packet_new (HjFramePay *self, const GstBuffer *frame, const guint8 *part, gsize size,
    gboolean begins, gboolean ends)
{
  gsize descriptor = self->kind == HJ_VIDEO ? HJ_VP8_DESCRIPTOR : 0;
  GstBuffer *packet = gst_rtp_base_payload_allocate_output_buffer (
      GST_RTP_BASE_PAYLOAD (self), (guint)(descriptor + size), 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint8 *payload = NULL;

  gst_rtp_buffer_map (packet, GST_MAP_WRITE, &rtp);
  payload = gst_rtp_buffer_get_payload (&rtp);
  if (descriptor > 0)
    hj_vp8_write_descriptor (payload, begins, self->picture_id);
  memcpy (payload + descriptor, part, size);
  gst_rtp_buffer_set_marker (&rtp, ends && self->kind == HJ_VIDEO);
  gst_rtp_buffer_unmap (&rtp);
  if (ends && self->kind == HJ_VIDEO)
    GST_BUFFER_FLAG_SET (packet, GST_BUFFER_FLAG_MARKER);
  GST_BUFFER_PTS (packet) = GST_BUFFER_PTS (frame);
  GST_BUFFER_DTS (packet) = GST_BUFFER_DTS (frame);
  GST_BUFFER_DURATION (packet) = GST_BUFFER_DURATION (frame);
  return packet;
}

/* The relay and a browser read the clear bytes in the first packet, so they must not be cut apart. */
static gsize
room_per_packet (HjFramePay *self, gsize size)
{
  guint room = gst_rtp_buffer_calc_payload_len (
      GST_RTP_BASE_PAYLOAD_MTU (GST_RTP_BASE_PAYLOAD (self)), 0, 0);

  if (self->kind == HJ_AUDIO)
    return size <= room ? size : 0;
  return room >= HJ_VP8_DESCRIPTOR + HJ_FRAME_MAX_CLEAR ? room - HJ_VP8_DESCRIPTOR : 0;
}

/* Parts of about equal size, so that the last is not the one that is lost for its smallness. */
static GstFlowReturn
push (HjFramePay *self, const GstBuffer *frame, const guint8 *sealed, gsize size)
{
  gsize room = room_per_packet (self, size);
  GstBufferList *list = NULL;
  gsize n = 0;
  gsize at = 0;

  if (room == 0)
    {
      GST_ELEMENT_ERROR (self, STREAM, ENCODE, ("A frame does not fit into a packet"),
          ("%" G_GSIZE_FORMAT " bytes", size));
      return GST_FLOW_ERROR;
    }
  n = (size + room - 1) / room;
  list = gst_buffer_list_new_sized ((guint)n);
  for (gsize i = 0; i < n; i++)
    {
      gsize end = size * (i + 1) / n;

      gst_buffer_list_add (
          list, packet_new (self, frame, sealed + at, end - at, i == 0, i == n - 1));
      at = end;
    }
  self->picture_id++;
  return gst_rtp_base_payload_push_list (GST_RTP_BASE_PAYLOAD (self), list);
}

static GstFlowReturn
handle_buffer (GstRTPBasePayload *base, GstBuffer *given)
{
  HjFramePay *self = HJ_FRAME_PAY (base);
  g_autoptr (GstBuffer) frame = given;
  g_autofree guint8 *sealed = NULL;
  gsize size = 0;
  GstMapInfo map;

  if (!gst_buffer_map (frame, &map, GST_MAP_READ))
    return GST_FLOW_ERROR;
  sealed = g_malloc (map.size + HJ_FRAME_MAX_OVERHEAD);
  size = seal (self, &map, sealed);
  gst_buffer_unmap (frame, &map);
  count (self, size > 0 ? &self->n_sealed : &self->n_dropped);
  return size > 0 ? push (self, frame, sealed, size) : GST_FLOW_OK;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HjFramePay *self = HJ_FRAME_PAY (object);
  HjFrameKeys *before = NULL;

  if (id != PROP_KEYS)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      return;
    }
  GST_OBJECT_LOCK (self);
  before = self->keys;
  self->keys = g_value_dup_boxed (value);
  GST_OBJECT_UNLOCK (self);
  hj_frame_keys_unref (before);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HjFramePay *self = HJ_FRAME_PAY (object);

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_KEYS:
      g_value_set_boxed (value, self->keys);
      break;
    case PROP_SEALED:
      g_value_set_uint64 (value, self->n_sealed);
      break;
    case PROP_DROPPED:
      g_value_set_uint64 (value, self->n_dropped);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  hj_frame_keys_unref (HJ_FRAME_PAY (object)->keys);
  G_OBJECT_CLASS (hj_frame_pay_parent_class)->finalize (object);
}

static void
hj_frame_pay_class_init (HjFramePayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRTPBasePayloadClass *base_class = GST_RTP_BASE_PAYLOAD_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  g_object_class_install_property (object_class, PROP_KEYS,
      g_param_spec_boxed ("keys", "Keys",
          "The keys of this end, an HjFrameKeys; without it nothing is sent", HJ_TYPE_FRAME_KEYS,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_SEALED,
      g_param_spec_uint64 ("sealed", "Sealed", "Frames sealed and sent", 0, G_MAXUINT64, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_DROPPED,
      g_param_spec_uint64 ("dropped", "Dropped",
          "Frames not sent: there is no key, they are too short or too long, or they refer to such",
          0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Huijian SFrame payloader",
      "Codec/Encrypter/Payloader/Network/RTP",
      "Seals VP8 and Opus frames end to end (SFrame, RFC 9605) and puts them into RTP packets",
      "Huijian");
  base_class->set_caps = set_caps;
  base_class->handle_buffer = handle_buffer;
}

static void
hj_frame_pay_init (HjFramePay *self)
{
  self->broken = TRUE;
  self->picture_id = (guint16)g_random_int_range (0, 0x8000);
  g_object_set (self, "mtu", DEFAULT_MTU, NULL);
}
