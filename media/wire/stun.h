/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/socket.h>
#include <glib.h>

G_BEGIN_DECLS

#define HJ_STUN_MAX_UNKNOWN 8
#define HJ_STUN_MAX_MESSAGE 768 /* every message written here fits */

typedef enum
{
  HJ_STUN_BINDING_REQUEST = 0x0001,
  HJ_STUN_BINDING_INDICATION = 0x0011,
  HJ_STUN_BINDING_SUCCESS = 0x0101,
  HJ_STUN_BINDING_ERROR = 0x0111,
} HjStunType;

/* One parsed message. It points into the datagram and lives as long as that. */
typedef struct
{
  guint16 type; /* HjStunType, or another method's that the caller should drop */
  guint8 transaction_id[12];
  const char *username; /* not terminated; NULL when absent */
  gsize username_len;
  gboolean use_candidate;
  gboolean has_priority;
  guint32 priority;
  gboolean ice_controlling;
  gboolean ice_controlled;
  guint64 tiebreaker; /* of whichever of the two is present */
  gboolean has_integrity;
  gsize integrity_offset;   /* of the MESSAGE-INTEGRITY attribute's header */
  gboolean has_fingerprint; /* and then it was right: a wrong one does not parse */
  int error_code;           /* of an error response, else 0 */
  gboolean has_mapped;
  struct sockaddr_storage mapped; /* XOR-MAPPED-ADDRESS of a success response */
  guint n_unknown;                /* comprehension-required attributes nobody here knows */
  guint16 unknown[HJ_STUN_MAX_UNKNOWN];
} HjStunMessage;

/* What a connectivity check of ours carries (tests, load generator, full ICE agents). */
typedef struct
{
  guint8 transaction_id[12];
  const char *username; /* "remote-ufrag:local-ufrag" as the receiver sees it; NULL for none */
  const char *password; /* the receiver's; NULL for no MESSAGE-INTEGRITY */
  guint32 priority;
  gboolean use_candidate;
  gboolean controlling;
  guint64 tiebreaker;
} HjStunCheck;

gboolean hj_stun_is_message (const guint8 *data, gsize len);
gboolean hj_stun_parse (
    const guint8 *data, gsize len, HjStunMessage *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_stun_check_integrity (const guint8 *data, gsize len, const HjStunMessage *message,
    const char *password) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_stun_username_is (
    const HjStunMessage *message, const char *local_ufrag, const char *remote_ufrag);
gboolean hj_stun_username_local (
    const HjStunMessage *message, const char **local_ufrag, gsize *local_ufrag_len);

gsize hj_stun_write_binding_request (guint8 *out, gsize size, const HjStunCheck *check);
gsize hj_stun_write_binding_success (guint8 *out, gsize size, const HjStunMessage *request,
    const struct sockaddr *mapped, const char *password);
gsize hj_stun_write_binding_error (guint8 *out, gsize size, const HjStunMessage *request, int code,
    const char *reason, const char *password);

G_END_DECLS
