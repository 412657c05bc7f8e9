/* SPDX-License-Identifier: Apache-2.0 */
/* The kiosk's one connection to the server: a WebSocket that greets with the device key's signature or resumes a seat, is
 * kept alive by pings and comes back by itself with growing, jittered pauses. Emits "changed" when its state does and
 * "message" for each checked message of a known verb. Control thread. docs/protocol.md section 1. */

#include "src/kiosk/uplink.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/secret.h"
#include "src/kiosk/relay.h"
#include "src/kiosk/session.h"

#define SUBPROTOCOL "huijian.v1"
#define MAX_STRANGE 10
#define STEADY_US (5 * G_USEC_PER_SEC)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *const STATE_WORDS[HJ_UPLINK_N_STATES] = {
  [HJ_UPLINK_OFFLINE] = "offline",
  [HJ_UPLINK_CONNECTING] = "connecting",
  [HJ_UPLINK_ONLINE] = "online",
  [HJ_UPLINK_UNAPPROVED] = "unapproved",
  [HJ_UPLINK_REFUSED] = "refused",
};

struct _HjUplink
{
  GObject parent_instance;
  const HjKioskConfig *config;  /* not owned: main's, outlives the agent */
  const HjEnrolment *enrolment; /* not owned: as config */
  const HjDeviceKey *key;       /* not owned: as config */
  SoupSession *session;
  SoupWebsocketConnection *socket;
  GCancellable *connecting;
  char *resume; /* the seat's token, wiped when it goes */
  HjUplinkState state;
  guint8 nonce[HJ_NONCE_SIZE];
  gint64 last_id;
  gint64 hello_id; /* 0: the server has not spoken yet */
  gboolean greeted_with_resume;
  gboolean resumed;
  guint strange; /* messages of this connection that could not be read */
  gint64 heard_us;
  gint64 online_us;
  guint backoff_ms;
  guint retry_timer;
  guint handshake_timer;
  guint silence_timer;
};

G_DEFINE_FINAL_TYPE (HjUplink, hj_uplink, G_TYPE_OBJECT)

static void connect_now (HjUplink *self);

static void
set_state (HjUplink *self, HjUplinkState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
forget_socket (HjUplink *self)
{
  g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  g_clear_handle_id (&self->handshake_timer, g_source_remove);
  g_clear_handle_id (&self->silence_timer, g_source_remove);
  if (self->socket == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->socket, self);
  hj_websocket_close (g_steal_pointer (&self->socket), SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

static gboolean
on_retry (gpointer data)
{
  HjUplink *self = data;

  self->retry_timer = 0;
  connect_now (self);
  return G_SOURCE_REMOVE;
}

/* Half the pause is certain, half is chance: after a power cut a whole centre's kiosks come back at once. A connection that
 * held for a while earns a quick first try; one that was closed at once does not. */
static void
retry_later (HjUplink *self)
{
  guint half = 0;

  if (self->online_us != 0 && g_get_monotonic_time () - self->online_us > STEADY_US)
    self->backoff_ms = self->config->backoff_min_ms;
  half = self->backoff_ms / 2;
  self->online_us = 0;
  self->backoff_ms = MIN (self->backoff_ms * 2, self->config->backoff_max_ms);
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  self->retry_timer
      = g_timeout_add (half + (guint)g_random_int_range (0, (gint32)half + 1), on_retry, self);
}

static void
drop (HjUplink *self, HjUplinkState state, const char *why)
{
  if (self->state == HJ_UPLINK_ONLINE || self->socket != NULL)
    g_info ("connection to the server dropped: %s", why);
  forget_socket (self);
  retry_later (self);
  set_state (self, state);
}

static gboolean
on_handshake_late (gpointer data)
{
  HjUplink *self = data;

  self->handshake_timer = 0;
  drop (self, HJ_UPLINK_OFFLINE, "no hello in time");
  return G_SOURCE_REMOVE;
}

/* libsoup 3.2 sends pings but does not miss the pongs: a dead network would look like a quiet one. */
static gboolean
on_silence_check (gpointer data)
{
  HjUplink *self = data;

  if (g_get_monotonic_time () - self->heard_us < (gint64)self->config->silence_ms * 1000)
    return G_SOURCE_CONTINUE;
  self->silence_timer = 0;
  drop (self, HJ_UPLINK_OFFLINE, "silence");
  return G_SOURCE_REMOVE;
}

static gint64
send_now (HjUplink *self, json_t *message)
{
  g_autofree char *text = NULL;

  json_object_set_new (message, "id", json_integer (++self->last_id));
  text = hj_json_dump (message);
  soup_websocket_connection_send_text (self->socket, text);
  return self->last_id;
}

static void
greet_with_key (HjUplink *self)
{
  const char *kiosk = hj_enrolment_get_kiosk (self->enrolment);
  g_autofree char *signature = hj_device_key_sign_hello (
      self->key, self->nonce, kiosk, hj_enrolment_get_origin (self->enrolment));
  g_autoptr (json_t) hello = json_pack ("{s:s, s:i, s:s, s:s, s:s}", "verb", "hello", "v", 1,
      "locale", self->config->locale, "kiosk", kiosk, "signature", signature);

  self->greeted_with_resume = FALSE;
  self->hello_id = send_now (self, hello);
}

static void
greet_with_resume (HjUplink *self)
{
  g_autoptr (json_t) hello = json_pack ("{s:s, s:i, s:s, s:s}", "verb", "hello", "v", 1, "locale",
      self->config->locale, "resume", self->resume);

  self->greeted_with_resume = TRUE;
  self->hello_id = send_now (self, hello);
}

/* The server's first word. A peer that speaks for another origin wants a signature to use there: it gets none. */
static void
on_server_hello (HjUplink *self, const json_t *message)
{
  const char *origin = json_string_value (json_object_get (message, "origin"));
  const char *text = json_string_value (json_object_get (message, "nonce"));
  gsize size = 0;
  g_autofree guint8 *nonce = text != NULL ? hj_base64url_decode (text, &size) : NULL;

  if (nonce == NULL || size != HJ_NONCE_SIZE
      || json_integer_value (json_object_get (message, "v")) != 1)
    {
      g_warning ("the server's hello cannot be read");
      drop (self, HJ_UPLINK_OFFLINE, "bad hello");
      return;
    }
  if (g_strcmp0 (origin, hj_enrolment_get_origin (self->enrolment)) != 0)
    {
      g_warning ("the server speaks for another origin than the one this kiosk is enrolled with; "
                 "nothing was signed");
      drop (self, HJ_UPLINK_REFUSED, "other origin");
      return;
    }
  memcpy (self->nonce, nonce, sizeof self->nonce);
  if (self->resume != NULL)
    greet_with_resume (self);
  else
    greet_with_key (self);
}

static void
on_welcome (HjUplink *self, const json_t *message)
{
  g_clear_handle_id (&self->handshake_timer, g_source_remove);
  self->online_us = g_get_monotonic_time ();
  self->resumed = self->greeted_with_resume && json_is_true (json_object_get (message, "resumed"));
  hj_event ("kiosk.connected", NULL, hj_enrolment_get_kiosk (self->enrolment), "%s",
      self->resumed ? "the seat is resumed" : "signed in with the device key");
  set_state (self, HJ_UPLINK_ONLINE);
}

/* The server starts or is busy: what we said was not judged and holds for the next try, the seat's token above all. */
static gboolean
is_passing (const char *code)
{
  return g_strcmp0 (code, "unavailable") == 0 || g_strcmp0 (code, "too-many") == 0;
}

/* The page shows the fingerprint until somebody has compared it, so this is told once. */
static void
await_approval (HjUplink *self)
{
  g_autofree char *fingerprint = hj_device_key_fingerprint (self->key);

  if (self->state != HJ_UPLINK_UNAPPROVED)
    hj_event ("kiosk.unapproved", NULL, hj_enrolment_get_kiosk (self->enrolment),
        "an administrator has yet to approve this kiosk's key, fingerprint %s", fingerprint);
  drop (self, HJ_UPLINK_UNAPPROVED, "not approved yet");
}

static void
on_hello_refused (HjUplink *self, const json_t *message)
{
  const char *code = json_string_value (json_object_get (message, "code"));

  if (is_passing (code))
    drop (self, HJ_UPLINK_OFFLINE, "the server is not ready");
  else if (g_strcmp0 (code, "unapproved") == 0)
    await_approval (self);
  else if (self->greeted_with_resume)
    {
      /* More than 60 s have passed, or the meeting ended: come in as a kiosk and be told what is next. */
      hj_uplink_set_resume (self, NULL);
      greet_with_key (self);
    }
  else
    {
      g_warning ("the server refuses this kiosk (%s)",
          code != NULL && strlen (code) < 64 ? code : "no code");
      drop (self, HJ_UPLINK_REFUSED, "refused");
    }
}

static void
take (HjUplink *self, json_t *message)
{
  const char *verb = hj_relay_verb (message);
  gint64 re = json_integer_value (json_object_get (message, "re"));

  if (g_str_equal (verb, "hello") && self->hello_id == 0)
    on_server_hello (self, message);
  else if (self->state != HJ_UPLINK_ONLINE && re != 0 && re == self->hello_id
           && g_str_equal (verb, "hello"))
    on_welcome (self, message);
  else if (self->state != HJ_UPLINK_ONLINE && g_str_equal (verb, "error"))
    on_hello_refused (self, message);
  else if (self->state == HJ_UPLINK_ONLINE && hj_relay_is_for_page (verb))
    g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
  else
    g_info ("message of verb not expected here was dropped");
}

static void
on_message (HjUplink *self, int type, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = NULL;
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  self->heard_us = g_get_monotonic_time ();
  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    message = hj_json_parse (data, size, HJ_MAX_MESSAGE_BYTES, &error);
  if (message != NULL && hj_relay_verb (message) != NULL)
    {
      take (self, message);
      return;
    }
  g_warning (
      "a message from the server cannot be read (%s)", error != NULL ? error->message : "no verb");
  if (++self->strange >= MAX_STRANGE)
    drop (self, HJ_UPLINK_OFFLINE, "too many unreadable messages");
}

static void
on_pong (HjUplink *self)
{
  self->heard_us = g_get_monotonic_time ();
}

static void
on_closed (HjUplink *self)
{
  drop (self, self->state == HJ_UPLINK_REFUSED ? HJ_UPLINK_REFUSED : HJ_UPLINK_OFFLINE,
      "closed by the server");
}

static void
adopt (HjUplink *self, SoupWebsocketConnection *socket)
{
  guint ping_s = MAX (1, self->config->silence_ms / 3000);

  self->socket = socket;
  self->hello_id = 0;
  self->strange = 0;
  self->heard_us = g_get_monotonic_time ();
  /* Without a limit libsoup 3.2 reads past its buffer (CVE-2026-0716). */
  soup_websocket_connection_set_max_incoming_payload_size (socket, HJ_MAX_MESSAGE_BYTES);
  soup_websocket_connection_set_keepalive_interval (socket, ping_s);
  g_signal_connect_swapped (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (socket, "pong", G_CALLBACK (on_pong), self);
  g_signal_connect_swapped (socket, "closed", G_CALLBACK (on_closed), self);
  self->silence_timer
      = g_timeout_add (MAX (10, self->config->silence_ms / 3), on_silence_check, self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (HjUplink) self = data;
  g_autoptr (GError) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) socket
      = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &problem);

  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->session == NULL)
    return;
  g_clear_object (&self->connecting);
  if (socket != NULL
      && g_strcmp0 (soup_websocket_connection_get_protocol (socket), SUBPROTOCOL) == 0)
    {
      adopt (self, g_steal_pointer (&socket));
      return;
    }
  if (problem != NULL)
    hj_server_session_explain (self->config, problem, &error);
  g_info ("%s", error != NULL ? error->message : "the server does not speak " SUBPROTOCOL);
  drop (self, HJ_UPLINK_OFFLINE, "no connection");
}

static void
connect_now (HjUplink *self)
{
  const char *protocols[] = { SUBPROTOCOL, NULL };
  /* http -> ws, https -> wss */
  g_autofree char *url = g_strconcat ("ws", self->config->server + strlen ("http"), "/ws", NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, url);

  /* Asking again changes nothing on a screen that says what an administrator is to do. */
  if (self->state != HJ_UPLINK_UNAPPROVED)
    set_state (self, HJ_UPLINK_CONNECTING);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  self->connecting = g_cancellable_new ();
  self->handshake_timer = g_timeout_add (self->config->handshake_ms, on_handshake_late, self);
  soup_session_websocket_connect_async (self->session, message,
      hj_enrolment_get_origin (self->enrolment), (char **)protocols, G_PRIORITY_DEFAULT,
      self->connecting, on_connected, g_object_ref (self));
}

/* config, enrolment, key: (transfer none): must outlive it. Returns: (transfer full) (nullable): not yet connected. */
HjUplink *
hj_uplink_new (const HjKioskConfig *config, const HjEnrolment *enrolment, const HjDeviceKey *key,
    GError **error)
{
  g_autoptr (HjUplink) self = g_object_new (HJ_TYPE_UPLINK, NULL);

  self->config = config;
  self->enrolment = enrolment;
  self->key = key;
  self->backoff_ms = config->backoff_min_ms;
  self->session = hj_server_session_new (config, error);
  return self->session != NULL ? g_steal_pointer (&self) : NULL;
}

void
hj_uplink_start (HjUplink *self)
{
  if (self->socket == NULL && self->connecting == NULL && self->retry_timer == 0)
    connect_now (self);
}

/* Says goodbye and stays away until hj_uplink_start(). */
void
hj_uplink_stop (HjUplink *self)
{
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  forget_socket (self);
  set_state (self, HJ_UPLINK_OFFLINE);
}

HjUplinkState
hj_uplink_get_state (HjUplink *self)
{
  return self->state;
}

const char *
hj_uplink_state_word (HjUplinkState state)
{
  g_return_val_if_fail (state < HJ_UPLINK_N_STATES, "offline");
  return STATE_WORDS[state];
}

/* Whether the present connection took its seat again; meaningful while online. */
gboolean
hj_uplink_get_resumed (HjUplink *self)
{
  return self->resumed;
}

/* token: (nullable): the seat's, with which the next connection begins. */
void
hj_uplink_set_resume (HjUplink *self, const char *token)
{
  hj_text_wipe (self->resume);
  g_free (self->resume);
  self->resume = g_strdup (token);
}

/* message: (transfer none): gets its id here. Returns: the id, by which `re` of the answer is known; 0 when offline. */
gint64
hj_uplink_send (HjUplink *self, json_t *message)
{
  return self->state == HJ_UPLINK_ONLINE ? send_now (self, message) : 0;
}

static void
hj_uplink_dispose (GObject *object)
{
  HjUplink *self = HJ_UPLINK (object);

  g_clear_handle_id (&self->retry_timer, g_source_remove);
  forget_socket (self);
  hj_uplink_set_resume (self, NULL);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (hj_uplink_parent_class)->dispose (object);
}

static void
hj_uplink_class_init (HjUplinkClass *class)
{
  G_OBJECT_CLASS (class)->dispose = hj_uplink_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new (
      "changed", HJ_TYPE_UPLINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", HJ_TYPE_UPLINK, G_SIGNAL_RUN_LAST, 0, NULL,
      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
hj_uplink_init (HjUplink *self)
{
}
