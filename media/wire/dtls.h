/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/wire/srtp.h"

G_BEGIN_DECLS

#define HJ_DTLS_MTU 1200 /* bytes of UDP payload that a datagram of ours has at most */

typedef enum
{
  HJ_DTLS_CLIENT, /* a=setup:active: sends the first flight */
  HJ_DTLS_SERVER, /* a=setup:passive */
} HjDtlsRole;

typedef enum
{
  HJ_DTLS_NEW,
  HJ_DTLS_CONNECTING,
  HJ_DTLS_CONNECTED,
  HJ_DTLS_CLOSED, /* close_notify seen or sent */
  HJ_DTLS_FAILED, /* wrong fingerprint, no common profile, fatal alert, too many losses */
} HjDtlsState;

/* The process's certificate and everything that all its sessions share. Read-only after
 * construction, so sessions on several threads may use one. */
typedef struct _HjDtlsIdentity HjDtlsIdentity;

HjDtlsIdentity *hj_dtls_identity_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_dtls_identity_free (HjDtlsIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjDtlsIdentity, hj_dtls_identity_free)
const char *hj_dtls_identity_get_fingerprint (const HjDtlsIdentity *self);

typedef struct _HjDtls HjDtls;

HjDtls *hj_dtls_new (HjDtlsIdentity *identity, HjDtlsRole role, const char *peer_fingerprint,
    HjSrtpProfile profiles, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_dtls_free (HjDtls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjDtls, hj_dtls_free)

gboolean hj_dtls_is_message (const guint8 *data, gsize len);
gboolean hj_dtls_start (HjDtls *self);
gboolean hj_dtls_receive (HjDtls *self, const guint8 *data, gsize len, GError **error);
gssize hj_dtls_take_datagram (HjDtls *self, guint8 *out, gsize size);
gint64 hj_dtls_get_timeout_us (HjDtls *self);
gboolean hj_dtls_handle_timeout (HjDtls *self);
HjDtlsState hj_dtls_get_state (const HjDtls *self);
gboolean hj_dtls_get_srtp_keys (
    HjDtls *self, HjSrtpProfile *out_profile, HjSrtpKeys *local, HjSrtpKeys *remote);
void hj_dtls_close (HjDtls *self);

G_END_DECLS
