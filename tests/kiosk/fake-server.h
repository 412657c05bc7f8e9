/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <libsoup/soup.h>

#include "tests/kiosk/fake-ca.h"

#define FAKE_KIOSK "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FAKE_BOOKING "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FAKE_MEETING "cccccccccccccccccccccccccc"
#define FAKE_SEAT "dddddddddddddddddddddddddd"
#define FAKE_ORIGIN "https://huijian.example"

/* A server that a test reads and writes directly. */
typedef struct
{
  SoupServer *soup;
  char *url;
  /* enrolment */
  guint enrol_status;
  char *enrol_body;
  char *seen_token;
  char *seen_key; /* base64 */
  char *seen_header;
  guint enrolments;
  /* signalling */
  const char *origin;  /* what the hello claims */
  const char *resume;  /* the token it takes, NULL: none */
  gboolean silent;     /* says no hello */
  const char *refusal; /* the code it refuses with */
  guint refusals;      /* so many kiosks are not taken */
  guint8 nonce[32];
  SoupWebsocketConnection *socket;
  char *seen_origin;
  guint connections;
  gboolean signature_good;
  GQueue got; /* of json_t: what came after the hello */
} FakeServer;

FakeServer *fake_server_new (GTlsCertificate *certificate);
void fake_server_free (FakeServer *self);
void fake_server_send (FakeServer *self, json_t *message);
void fake_server_send_text (FakeServer *self, const char *text);
gboolean
fake_server_verifies (FakeServer *self, const guint8 *bytes, gsize bytes_size, const char *text);
void fake_server_drop (FakeServer *self);
json_t *fake_server_next (FakeServer *self, const char *verb);
void fake_server_assign (FakeServer *self, gboolean checked_in);
void fake_server_seat (FakeServer *self, json_t *join, const char *token);

#define AWAIT(condition)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 until_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;                               \
    while (!(condition))                                                                           \
      {                                                                                            \
        g_assert_cmpint (g_get_monotonic_time (), <, until_us);                                    \
        g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (500);                         \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeServer, fake_server_free)
