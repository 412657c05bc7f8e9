/* SPDX-License-Identifier: Apache-2.0 */
/* The agent: one server, one page, at most one seat. It knows what the kiosk is assigned, takes the seat by itself once the
 * desk has checked the client in and a page is there to show it, keeps the seat's token, and tells a page that comes later
 * all it needs. Everything else passes through relay.c. Control thread. docs/protocol.md section 1. */

#include "src/kiosk/agent.h"

#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/kiosk/browser.h"
#include "src/kiosk/page-server.h"
#include "src/kiosk/page.h"
#include "src/kiosk/relay.h"
#include "src/kiosk/seat.h"
#include "src/kiosk/signer.h"
#include "src/kiosk/uplink.h"

#define N_ASKED 64
#define MAX_JOIN_RETRY_MS 60000

static guint stopped_signal;

struct _HjAgent
{
  GObject parent_instance;
  const HjKioskConfig *config;  /* not owned: main's */
  const HjEnrolment *enrolment; /* not owned: main's */
  HjSigner *signer;
  char *public_key;
  char *fingerprint;
  HjUplink *uplink;
  HjPage *page;
  HjPageServer *server;
  HjBrowser *browser; /* NULL: not ours to run */
  json_t *assign;     /* the last message; NULL until one came over this connection */
  HjSeat *seat;
  gint64 join_id;     /* our question that is not answered yet, or 0 */
  char *join_booking; /* what we asked for last */
  gint64 page_join_id;
  guint join_timer;
  guint join_retry_ms;
  struct
  {
    gint64 id;
    gint64 page_id;
  } asked[N_ASKED]; /* whose answer belongs to which question of the page */
  const char *health;
};

G_DEFINE_FINAL_TYPE (HjAgent, hj_agent, G_TYPE_OBJECT)

static void consider_join (HjAgent *self);

/* What an operator's monitoring reads; never more than a word. */
static void
set_health (HjAgent *self)
{
  g_autofree char *path = hj_kiosk_config_state_path (self->config, "health");
  HjUplinkState state = hj_uplink_get_state (self->uplink);
  const char *health = !hj_page_is_alive (self->page)  ? "page-lost"
                       : state == HJ_UPLINK_UNAPPROVED ? "unapproved"
                       : state != HJ_UPLINK_ONLINE     ? "offline"
                                                       : "ok";

  if (g_strcmp0 (health, self->health) == 0)
    return;
  self->health = health;
  if (!g_file_set_contents (path, health, -1, NULL))
    g_info ("health cannot be written");
}

static void
tell_state (HjAgent *self)
{
  g_autoptr (json_t) message = json_pack ("{s:s, s:s, s:O, s:O, s:b, s:I, s:s, s:s, s:s}", "verb",
      "agent", "state", hj_uplink_state_word (hj_uplink_get_state (self->uplink)), "name",
      hj_enrolment_get_name (self->enrolment), "room", hj_enrolment_get_room (self->enrolment),
      "seated", hj_seat_is_open (self->seat), "heartbeat_ms",
      (json_int_t)self->config->heartbeat_ms, "locale", self->config->locale, "public_key",
      self->public_key, "fingerprint", self->fingerprint);

  hj_page_send (self->page, message);
}

static void
forget_seat (HjAgent *self)
{
  hj_seat_forget (self->seat);
  hj_uplink_set_resume (self->uplink, NULL);
}

/* The meeting is over for this kiosk. */
static void
finish_seat (HjAgent *self)
{
  hj_seat_finish (self->seat);
  hj_uplink_set_resume (self->uplink, NULL);
}

static const json_t *
assignment (HjAgent *self)
{
  const json_t *value = json_object_get (self->assign, "assignment");

  return json_is_object (value) ? value : NULL;
}

static const char *
assigned_booking (HjAgent *self)
{
  return json_string_value (json_object_get (assignment (self), "booking"));
}

static gboolean
on_join_again (gpointer data)
{
  HjAgent *self = data;

  self->join_timer = 0;
  consider_join (self);
  return G_SOURCE_REMOVE;
}

static void
join_again_later (HjAgent *self)
{
  g_clear_handle_id (&self->join_timer, g_source_remove);
  self->join_timer = g_timeout_add (self->join_retry_ms, on_join_again, self);
  self->join_retry_ms = MIN (self->join_retry_ms * 2, MAX_JOIN_RETRY_MS);
}

/* Takes the seat when all holds: online, a page to show it, the desk has checked the client in, not ended before. */
static void
consider_join (HjAgent *self)
{
  const char *booking = assigned_booking (self);
  g_autoptr (json_t) message = NULL;

  if (booking == NULL || self->join_id != 0 || self->join_timer != 0
      || !hj_page_is_alive (self->page)
      || !json_is_true (json_object_get (assignment (self), "checked_in"))
      || !hj_seat_may_take (self->seat, booking))
    return;
  g_free (self->join_booking);
  self->join_booking = g_strdup (booking);
  message = json_pack ("{s:s, s:s}", "verb", "join", "booking", booking);
  self->join_id = hj_uplink_send (self->uplink, message);
}

static gint64
page_id_of (HjAgent *self, const json_t *message)
{
  gint64 re = json_integer_value (json_object_get (message, "re"));
  gint64 id = 0;

  if (re > 0 && re == self->join_id)
    {
      id = self->page_join_id;
      self->page_join_id = 0;
      self->join_id = 0;
    }
  else if (re > 0 && self->asked[re % N_ASKED].id == re)
    {
      id = self->asked[re % N_ASKED].page_id;
      self->asked[re % N_ASKED].id = 0;
    }
  return id;
}

static void
pass_to_page (HjAgent *self, const json_t *message, gint64 page_id)
{
  g_autoptr (json_t) out = hj_relay_to_page (message);

  if (page_id != 0)
    json_object_set_new (out, "re", json_integer (page_id));
  hj_page_send (self->page, out);
}

static gboolean
on_assign (HjAgent *self, const json_t *message)
{
  const json_t *value = json_object_get (message, "assignment");
  const char *booking = NULL;
  gboolean checked_in = FALSE;

  if (!json_is_null (value)
      && (!json_is_object (value) || !hj_json_read_id (value, "booking", &booking, NULL)
          || !hj_json_read_bool (value, "checked_in", &checked_in, NULL)))
    return FALSE;
  /* Something is new about it: what was refused before may be granted now. */
  if (!json_equal (value, json_object_get (self->assign, "assignment")))
    g_clear_handle_id (&self->join_timer, g_source_remove);
  if (g_strcmp0 (booking, assigned_booking (self)) != 0)
    self->join_retry_ms = self->config->join_retry_ms;
  json_decref (self->assign);
  self->assign = hj_relay_to_page (message);
  return TRUE;
}

/* Only the answer to our own question gives a seat: a server that hands out seats unasked would have the page begin anew at
 * will, each time with fresh keys. Returns: whether the page shall have the message. */
static gboolean
on_join (HjAgent *self, const json_t *message)
{
  gint64 re = json_integer_value (json_object_get (message, "re"));
  const char *token = NULL;
  const char *booking = NULL;
  const char *meeting = NULL;

  if (self->join_id == 0 || re != self->join_id)
    return FALSE;
  if (!hj_json_read_string (message, "token", 256, &token, NULL)
      || !hj_json_read_id (message, "booking", &booking, NULL)
      || !hj_json_read_id (message, "meeting", &meeting, NULL)
      || g_strcmp0 (booking, self->join_booking) != 0)
    {
      join_again_later (self);
      return FALSE;
    }
  hj_seat_take (self->seat, message);
  self->join_retry_ms = self->config->join_retry_ms;
  hj_uplink_set_resume (self->uplink, token);
  hj_event (
      "kiosk.seated", meeting, hj_enrolment_get_kiosk (self->enrolment), "the kiosk has its seat");
  return hj_seat_is_open (self->seat);
}

static gboolean
on_meeting_news (HjAgent *self, const char *verb, const json_t *message)
{
  if (!hj_seat_is_about (self->seat, message))
    return FALSE;
  if (g_str_equal (verb, "end"))
    {
      finish_seat (self);
      return TRUE;
    }
  if (!hj_seat_is_open (self->seat))
    return FALSE;
  hj_seat_keep (self->seat, verb, message);
  return TRUE;
}

/* Updates what the agent knows. Returns: whether the page shall have the message. */
static gboolean
learn (HjAgent *self, const char *verb, const json_t *message)
{
  if (g_str_equal (verb, "assign"))
    return on_assign (self, message);
  if (g_str_equal (verb, "join"))
    return on_join (self, message);
  if (g_str_equal (verb, "seats") || g_str_equal (verb, "admit") || g_str_equal (verb, "end"))
    return on_meeting_news (self, verb, message);
  if (g_str_equal (verb, "key"))
    return hj_seat_is_open (self->seat) && hj_seat_is_about (self->seat, message)
           && hj_relay_key_fits (message);
  if (g_str_equal (verb, "answer"))
    hj_seat_refresh (self->seat, message);
  else if (g_str_equal (verb, "leave"))
    finish_seat (self);
  else if (g_str_equal (verb, "error") && self->join_id != 0
           && json_integer_value (json_object_get (message, "re")) == self->join_id)
    join_again_later (self);
  return TRUE;
}

static void
on_uplink_message (HjAgent *self, const json_t *message)
{
  const char *verb = hj_relay_verb (message);
  gboolean fit = learn (self, verb, message);
  gint64 page_id = page_id_of (self, message);

  if (fit)
    pass_to_page (self, message, page_id);
  else
    g_info ("a message from the server does not fit and was dropped");
  consider_join (self);
}

static void
answer_offline (HjAgent *self, gint64 page_id)
{
  g_autoptr (json_t) error = json_pack ("{s:s, s:s, s:s, s:I}", "verb", "error", "code",
      "unavailable", "title", "网络中断 / offline", "re", (json_int_t)page_id);

  hj_page_send (self->page, error);
}

static void
answer_all_offline (HjAgent *self)
{
  for (guint i = 0; i < N_ASKED; i++)
    if (self->asked[i].id != 0)
      {
        self->asked[i].id = 0;
        answer_offline (self, self->asked[i].page_id);
      }
  if (self->page_join_id != 0)
    answer_offline (self, self->page_join_id);
  self->page_join_id = 0;
  self->join_id = 0;
  g_clear_handle_id (&self->join_timer, g_source_remove);
}

static void
on_uplink_changed (HjAgent *self)
{
  if (hj_uplink_get_state (self->uplink) != HJ_UPLINK_ONLINE)
    answer_all_offline (self);
  else if (!hj_uplink_get_resumed (self->uplink))
    {
      forget_seat (self);
      g_clear_pointer (&self->assign, json_decref);
    }
  set_health (self);
  tell_state (self);
}

/* A page that came or came back: what there is to know, in the order in which it happened. */
static void
on_page_attached (HjAgent *self)
{
  const json_t *known[] = { self->assign, hj_seat_get (self->seat, "join"),
    hj_seat_get (self->seat, "seats"), hj_seat_get (self->seat, "admit") };

  g_info ("a page is attached");
  if (self->browser != NULL)
    hj_browser_page_seen (self->browser);
  self->page_join_id = 0;
  memset (self->asked, 0, sizeof self->asked);
  tell_state (self);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i] != NULL)
      hj_page_send (self->page, known[i]);
  set_health (self);
  consider_join (self);
}

static void
on_page_lost (HjAgent *self, const char *reason)
{
  gboolean closed = g_str_equal (reason, "closed");

  if (closed)
    g_info ("the page closed its connection");
  else
    {
      g_warning ("the page is lost: %s", reason);
      hj_event ("kiosk.page-lost", NULL, hj_enrolment_get_kiosk (self->enrolment), "%s", reason);
    }
  if (self->browser != NULL && closed)
    hj_browser_page_closed (self->browser);
  else if (self->browser != NULL)
    hj_browser_page_lost (self->browser);
  set_health (self);
}

/* The page asks to come back into a meeting it left, or again after a refusal. */
static void
on_page_join (HjAgent *self, const json_t *message, gint64 id)
{
  const char *booking = json_string_value (json_object_get (message, "booking"));

  if (g_strcmp0 (booking, assigned_booking (self)) != 0)
    hj_page_refuse (self->page, id, "not-found", "没有这场会见 / no such meeting");
  else if (!hj_seat_ask_again (self->seat, booking))
    hj_page_refuse (self->page, id, "state", "数字不一样，会见已停止 / the codes differed");
  else if (hj_seat_is_held (self->seat))
    pass_to_page (self, hj_seat_get (self->seat, "join"), id);
  else
    {
      self->page_join_id = id;
      g_clear_handle_id (&self->join_timer, g_source_remove);
      consider_join (self);
      if (self->join_id == 0)
        {
          self->page_join_id = 0;
          hj_page_refuse (self->page, id, "state", "现在不能进入会见 / cannot join now");
        }
    }
}

static void
send_for_page (HjAgent *self, json_t *message, gint64 page_id)
{
  gint64 id = hj_uplink_send (self->uplink, message);

  if (id == 0)
    answer_offline (self, page_id);
  else if (page_id != 0)
    {
      self->asked[id % N_ASKED].id = id;
      self->asked[id % N_ASKED].page_id = page_id;
    }
}

/* The page takes part in the agreement on keys with our device key, while we hold a seat: the key stays here. */
static void
on_page_sign (HjAgent *self, const json_t *message, gint64 id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *signature = NULL;
  g_autoptr (json_t) answer = NULL;

  if (id == 0)
    hj_page_refuse (self->page, id, "invalid", "不能接受这条消息 / message not accepted");
  else if (!hj_seat_is_open (self->seat))
    hj_page_refuse (self->page, id, "state", "现在没有会见 / no meeting now");
  else if ((signature = hj_signer_sign (self->signer, message, g_get_monotonic_time (), &error))
           == NULL)
    hj_page_refuse (
        self->page, id, hj_refusal_word ((HjRefusal)error->code), "不能签名 / this is not signed");
  else
    {
      answer = json_pack (
          "{s:s, s:I, s:s}", "verb", "signature", "re", (json_int_t)id, "signature", signature);
      hj_page_send (self->page, answer);
    }
}

/* After *different* the seat serves to say so, and to end. */
static gboolean
may_pass (HjAgent *self, const char *verb)
{
  return hj_seat_is_open (self->seat)
         || (hj_seat_is_held (self->seat)
             && (g_str_equal (verb, "verify") || g_str_equal (verb, "end")
                 || g_str_equal (verb, "leave")));
}

static void
on_page_message (HjAgent *self, const json_t *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) out = NULL;
  gint64 id = 0;

  if (!hj_json_read_optional_int (message, "id", 1, G_MAXINT32, &id, NULL))
    hj_page_refuse (self->page, 0, "invalid", "不能接受这条消息 / message not accepted");
  else if (g_str_equal (hj_relay_verb (message), "sign"))
    on_page_sign (self, message, id);
  else if ((out = hj_relay_to_server (message, &error)) == NULL)
    hj_page_refuse (self->page, id, "invalid", "不能接受这条消息 / message not accepted");
  else if (g_str_equal (hj_relay_verb (out), "join"))
    on_page_join (self, out, id);
  else
    {
      if (hj_relay_says_different (out))
        hj_seat_differ (self->seat); /* at once, whether or not the server hears it */
      if (may_pass (self, hj_relay_verb (out)))
        send_for_page (self, out, id);
      else
        hj_page_refuse (self->page, id, "state", "现在没有会见 / no meeting now");
    }
}

static void
on_page_socket (SoupWebsocketConnection *socket, gpointer data)
{
  HjAgent *self = data;

  hj_page_take (self->page, socket);
}

static void
on_browser_stopped (HjAgent *self)
{
  g_signal_emit (self, stopped_signal, 0);
}

static gboolean
build (HjAgent *self, const HjDeviceKey *key, GError **error)
{
  g_autoptr (HjPageFiles) files = hj_page_files_load (self->config->page_dir, error);
  g_autofree char *url = NULL;

  if (files == NULL)
    return FALSE;
  self->signer = hj_signer_new (key);
  self->public_key = hj_device_key_public (key);
  self->fingerprint = hj_device_key_fingerprint (key);
  self->page = hj_page_new (self->config->heartbeat_ms);
  self->uplink = hj_uplink_new (self->config, self->enrolment, key, error);
  if (self->uplink == NULL)
    return FALSE;
  self->server = hj_page_server_new (
      g_steal_pointer (&files), self->config->listen, on_page_socket, self, error);
  if (self->server == NULL)
    return FALSE;
  url = hj_page_server_url (self->server);
  if (self->config->browser != NULL)
    self->browser = hj_browser_new (self->config->browser, url, self->config->browser_start_ms);
  return TRUE;
}

/* config, enrolment, key: (transfer none): must outlive it. Returns: (transfer full) (nullable): the page is served from
 * now on; the connection to the server begins with hj_agent_start(). */
HjAgent *
hj_agent_new (const HjKioskConfig *config, const HjEnrolment *enrolment, const HjDeviceKey *key,
    GError **error)
{
  g_autoptr (HjAgent) self = g_object_new (HJ_TYPE_AGENT, NULL);

  self->config = config;
  self->enrolment = enrolment;
  self->join_retry_ms = config->join_retry_ms;
  if (!build (self, key, error))
    return NULL;
  g_signal_connect_swapped (self->uplink, "changed", G_CALLBACK (on_uplink_changed), self);
  g_signal_connect_swapped (self->uplink, "message", G_CALLBACK (on_uplink_message), self);
  g_signal_connect_swapped (self->page, "attached", G_CALLBACK (on_page_attached), self);
  g_signal_connect_swapped (self->page, "message", G_CALLBACK (on_page_message), self);
  g_signal_connect_swapped (self->page, "lost", G_CALLBACK (on_page_lost), self);
  if (self->browser != NULL)
    g_signal_connect_swapped (self->browser, "stopped", G_CALLBACK (on_browser_stopped), self);
  return g_steal_pointer (&self);
}

void
hj_agent_start (HjAgent *self)
{
  set_health (self);
  hj_uplink_start (self->uplink);
  if (self->browser != NULL)
    hj_browser_start (self->browser);
}

/* "stopped" is emitted when the browser is gone, at once when it is not ours. */
void
hj_agent_stop (HjAgent *self)
{
  hj_uplink_stop (self->uplink);
  if (self->browser != NULL)
    hj_browser_stop (self->browser);
  else
    g_signal_emit (self, stopped_signal, 0);
}

/* Returns: (transfer full): with the launch token, so a secret. */
char *
hj_agent_get_page_url (HjAgent *self)
{
  return hj_page_server_url (self->server);
}

/* Returns: (transfer none): ok, offline, unapproved or page-lost. */
const char *
hj_agent_get_health (HjAgent *self)
{
  return self->health;
}

static void
drop_object (gpointer owner, gpointer object)
{
  if (object == NULL)
    return;
  g_signal_handlers_disconnect_by_data (object, owner);
  g_object_unref (object);
}

static void
hj_agent_dispose (GObject *object)
{
  HjAgent *self = HJ_AGENT (object);

  g_clear_handle_id (&self->join_timer, g_source_remove);
  if (self->uplink != NULL)
    forget_seat (self);
  g_clear_pointer (&self->server, hj_page_server_free);
  drop_object (self, g_steal_pointer (&self->page));
  drop_object (self, g_steal_pointer (&self->uplink));
  drop_object (self, g_steal_pointer (&self->browser));
  g_clear_pointer (&self->assign, json_decref);
  g_clear_pointer (&self->seat, hj_seat_free);
  g_clear_pointer (&self->join_booking, g_free);
  g_clear_pointer (&self->signer, hj_signer_free);
  g_clear_pointer (&self->public_key, g_free);
  g_clear_pointer (&self->fingerprint, g_free);
  G_OBJECT_CLASS (hj_agent_parent_class)->dispose (object);
}

static void
hj_agent_class_init (HjAgentClass *class)
{
  G_OBJECT_CLASS (class)->dispose = hj_agent_dispose;
  stopped_signal = g_signal_new (
      "stopped", HJ_TYPE_AGENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
hj_agent_init (HjAgent *self)
{
  self->seat = hj_seat_new ();
}
