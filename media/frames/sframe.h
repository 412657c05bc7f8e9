/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SFrame (RFC 9605), cipher suite AES_128_GCM_SHA256_128. An SFrame ciphertext is
 * header ‖ ciphertext ‖ tag; what is only authenticated travels outside of it (metadata). */

#define HJ_SFRAME_SUITE 0x0004
#define HJ_SFRAME_KEY 16
#define HJ_SFRAME_SALT 12
#define HJ_SFRAME_TAG 16
#define HJ_SFRAME_MAX_HEADER 17
#define HJ_SFRAME_MAX_OVERHEAD (HJ_SFRAME_MAX_HEADER + HJ_SFRAME_TAG)
#define HJ_SFRAME_MAX_PLAIN (1u << 20) /* bytes: larger is no frame of a meeting */

typedef struct
{
  guint64 kid;
  guint64 ctr;
  gsize size; /* of the header itself, in bytes */
} HjSframeHeader;

typedef enum
{
  HJ_SFRAME_OK,
  HJ_SFRAME_MALFORMED, /* no header, or nothing behind it */
  HJ_SFRAME_OVERSIZE,
  HJ_SFRAME_NO_KEY,   /* the KID is not in the table */
  HJ_SFRAME_REPLAYED, /* the counter was seen, or is older than the window */
  HJ_SFRAME_FORGED,   /* the tag does not fit */
} HjSframeStatus;

gsize hj_sframe_write_header (guint64 kid, guint64 ctr, guint8 out[HJ_SFRAME_MAX_HEADER]);
gboolean hj_sframe_read_header (const guint8 *data, gsize size, HjSframeHeader *out);

gboolean hj_sframe_derive (const guint8 *base_key, gsize size, guint64 kid,
    guint8 key[HJ_SFRAME_KEY], guint8 salt[HJ_SFRAME_SALT]) G_GNUC_WARN_UNUSED_RESULT;

/* One key of one KID, for one direction of one thread at a time. */
typedef struct _HjSframeKey HjSframeKey;

HjSframeKey *hj_sframe_key_new (
    const guint8 *base_key, gsize size, guint64 kid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_sframe_key_free (HjSframeKey *self);
gsize hj_sframe_key_seal (HjSframeKey *self, guint64 ctr, const guint8 *metadata,
    gsize metadata_size, const guint8 *plain, gsize size, guint8 *out) G_GNUC_WARN_UNUSED_RESULT;
HjSframeStatus hj_sframe_key_open (HjSframeKey *self, const guint8 *metadata, gsize metadata_size,
    const guint8 *sealed, gsize size, guint8 *out, gsize *ret_size) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSframeKey, hj_sframe_key_free)

G_END_DECLS
