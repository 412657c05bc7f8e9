/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "signaling/client.h"
#include "signaling/problem.h"
#include "src/access/act.h"

G_BEGIN_DECLS

#define HJ_NONCE_SIZE 32

typedef enum
{
  HJ_CLIENT_NEW,      /* nothing but hello is heard */
  HJ_CLIENT_ENTERING, /* its hello is being checked */
  HJ_CLIENT_IN,
} HjClientState;

typedef struct
{
  HjPeer peer; /* first: meetings have this */
  HjClients *clients;
  HjWsConnection *connection; /* (nullable): NULL when the socket is gone */
  guint references;
  HjClientState state;
  HjLanguage language;
  guint8 nonce[HJ_NONCE_SIZE];
  HjActor *actor;   /* (nullable) */
  char *purpose;    /* (nullable): join, follow, kiosk */
  char *booking;    /* (nullable): the one that its ticket is for */
  char *seat;       /* (nullable) */
  gboolean joining; /* its join is under way */
  int errors;
  int patience; /* messages that it may send now */
  gint64 patience_at_us;
  guint hello_timeout;
} HjClient;

struct _HjClients
{
  HjHost *host; /* not owned: the server owns them */
  HjActs *acts;
  const char *const *origins;
  const char *origin;
  guint hello_within_ms;
  HjTurn *turn;   /* (nullable), not owned: none is configured */
  GPtrArray *all; /* HjClient whose socket is open, not owned */
};

HjClient *hj_client_ref (HjClient *self);
void hj_client_unref (HjClient *self);
gboolean hj_client_is_here (HjClient *self);
void hj_client_tell (HjClient *self, json_t *message);
void hj_client_add_ice_servers (HjClient *self, json_t *message);
void hj_client_answer (HjClient *self, gint64 re, json_t *message);
void hj_client_refuse (
    HjClient *self, gint64 re, const char *code, const char *detail, const json_t *members);
void hj_client_refuse_error (HjClient *self, gint64 re, const GError *error, const json_t *members);

/* A question that is under way: keeps the client until it is answered. */
typedef struct
{
  HjClient *client;
  gint64 re;
} HjQuestion;

HjQuestion *hj_question_new (HjClient *client, gint64 re);
void hj_question_free (HjQuestion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjQuestion, hj_question_free)

/* One wire message = one file of that name in verbs/. re: the id of the message, -1 without. */
typedef void (*HjVerb) (HjClient *client, const json_t *message, gint64 re);

void hj_verb_hello (HjClient *client, const json_t *message, gint64 re);
void hj_verb_join (HjClient *client, const json_t *message, gint64 re);
void hj_verb_offer (HjClient *client, const json_t *message, gint64 re);
void hj_verb_key (HjClient *client, const json_t *message, gint64 re);
void hj_verb_secured (HjClient *client, const json_t *message, gint64 re);
void hj_verb_verify (HjClient *client, const json_t *message, gint64 re);
void hj_verb_quality (HjClient *client, const json_t *message, gint64 re);
void hj_verb_leave (HjClient *client, const json_t *message, gint64 re);
void hj_verb_end (HjClient *client, const json_t *message, gint64 re);
void hj_verb_follow (HjClient *client, const json_t *message, gint64 re);

G_END_DECLS
