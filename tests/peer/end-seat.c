/* SPDX-License-Identifier: Apache-2.0 */
/* What an end does in its seat: agrees on keys with the others, gives them to the frames, runs the call. Main thread.
 * docs/e2ee.md. */

#include "tests/peer/end-private.h"

#include <openssl/crypto.h>
#include <string.h>

#include "src/base/ids.h"
#include "tests/peer/talk.h"

#define TICK_MS 50

static void
on_send (const char *to, const char *body, gpointer user)
{
  json_t *message = json_pack ("{s:s, s:s}", "verb", "key", "body", body);

  if (to != NULL)
    json_object_set_new (message, "to", json_string (to));
  end_ask (user, message);
}

static gboolean
on_sign (const guint8 *statement, gsize size, guint8 *signature, gpointer user)
{
  End *self = user;

  return self->line->class->sign (self->line, statement, size, signature);
}

static void
on_random (guint8 *bytes, gsize size, gpointer user)
{
  hj_random (bytes, size);
}

static gboolean
begin_epoch (End *self, const HjAgreementEpoch *epoch, GError **error)
{
  HjFrameSeat seats[HJ_AGREEMENT_SEATS];
  gboolean begun = FALSE;

  seats[0].number = self->number;
  memcpy (seats[0].base_key, epoch->own_key, sizeof seats[0].base_key);
  for (guint i = 0; i < epoch->n_members; i++)
    {
      seats[i + 1].number = epoch->members[i].number;
      memcpy (seats[i + 1].base_key, epoch->members[i].base_key, sizeof seats[0].base_key);
    }
  begun = hj_frame_keys_begin (
      self->keys, epoch->epoch, seats, epoch->n_members + 1, g_get_monotonic_time (), error);
  OPENSSL_cleanse (seats, sizeof seats);
  return begun;
}

static void
on_epoch (const HjAgreementEpoch *epoch, gpointer user)
{
  End *self = user;
  g_autoptr (GError) error = NULL;

  if (self->quiet)
    return;
  if (!begin_epoch (self, epoch, &error))
    {
      talk_say (json_pack ("{s:s, s:s}", "event", "failed", "why", error->message));
      return;
    }
  self->epoch = epoch->epoch;
  dump_epoch (self->dump, epoch, self->number);
  talk_say (
      json_pack ("{s:s, s:I, s:i, s:s, s:i}", "event", "epoch", "epoch", (json_int_t)epoch->epoch,
          "suite", (int)epoch->suite, "code", epoch->code, "seats", (int)epoch->n_members + 1));
  end_ask (self, json_pack ("{s:s, s:I}", "verb", "secured", "epoch", (json_int_t)epoch->epoch));
}

static void
on_gone (guint number, gpointer user)
{
  End *self = user;

  hj_frame_keys_forget_seat (self->keys, number, g_get_monotonic_time ());
  talk_say (json_pack ("{s:s, s:i}", "event", "gone", "number", (int)number));
}

static void
on_alone (gpointer user)
{
  End *self = user;

  hj_frame_keys_clear (self->keys);
  self->epoch = 0;
  talk_say_word ("alone");
}

static void
on_refused (const char *reason, const char *from, gpointer user)
{
  talk_say (json_pack ("{s:s, s:s, s:s?}", "event", "key-refused", "why", reason, "from", from));
}

static void
on_stopped (const char *reason, gpointer user)
{
  End *self = user;

  hj_frame_keys_clear (self->keys);
  self->epoch = 0;
  talk_say (json_pack ("{s:s, s:s}", "event", "stopped", "why", reason));
}

static const HjAgreementPort AGREEMENT_PORT
    = { on_send, on_sign, on_random, on_epoch, on_gone, on_alone, on_refused, on_stopped };

static void
on_offer (const char *sdp, gpointer user)
{
  End *self = user;

  self->offer_id
      = end_ask (self, json_pack ("{s:s, s:s, s:s}", "verb", "offer", "sdp", sdp, "srtp", "cm"));
}

static void
on_call_failed (const char *why, gpointer user)
{
  talk_say (json_pack ("{s:s, s:s}", "event", "failed", "why", why));
}

static const CallPort CALL_PORT = { on_offer, on_call_failed };

/* A new call with a new offer; the keys and their counters go on. */
void
end_start_call (End *self)
{
  g_clear_pointer (&self->call, call_free);
  if (!self->quiet)
    self->call
        = call_new (&self->style.call, self->number, self->keys, self->dump, &CALL_PORT, self);
}

static gboolean
on_tick (gpointer data)
{
  End *self = data;
  gint64 now_us = g_get_monotonic_time ();

  hj_agreement_tick (self->agreement, now_us);
  hj_frame_keys_expire (self->keys, now_us);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_report (gpointer data)
{
  End *self = data;
  json_t *media = self->call != NULL ? call_describe (self->call) : NULL;

  if (media == NULL)
    return G_SOURCE_CONTINUE;
  json_object_set_new (media, "event", json_string ("media"));
  json_object_set_new (media, "sealing_epoch",
      json_integer (hj_frame_keys_get_sending (self->keys, g_get_monotonic_time ())));
  talk_say (media);
  return G_SOURCE_CONTINUE;
}

/* join: the server's answer. The media's transport is set up before anybody is admitted. */
void
end_take_seat (End *self, const json_t *join)
{
  gint64 number = 0;
  const char *seat = NULL;
  const char *meeting = NULL;
  const char *token = NULL;

  if (!hj_json_read_id (join, "seat", &seat, NULL)
      || !hj_json_read_id (join, "meeting", &meeting, NULL)
      || !hj_json_read_string (join, "token", 256, &token, NULL)
      || !hj_json_read_int (join, "number", 0, HJ_FRAME_MAX_NUMBER, &number, NULL))
    {
      talk_say (json_pack ("{s:s, s:s}", "event", "failed", "why", "the answer to join"));
      return;
    }
  end_leave_seat (self);
  self->seat = g_strdup (seat);
  self->meeting = g_strdup (meeting);
  self->number = (guint)number;
  self->quiet = FALSE;
  self->line->class->set_resume (self->line, token);
  self->keys = hj_frame_keys_new (self->number);
  self->agreement = hj_agreement_new (
      self->line->class->role, self->line->class->get_identity (self->line), &AGREEMENT_PORT, self);
  self->tick_timer = g_timeout_add (TICK_MS, on_tick, self);
  self->report_timer = g_timeout_add (self->style.report_ms, on_report, self);
  talk_say (json_pack ("{s:s, s:s, s:s, s:i}", "event", "seated", "meeting", meeting, "seat", seat,
      "number", (int)number));
  end_start_call (self);
}

void
end_leave_seat (End *self)
{
  g_clear_handle_id (&self->tick_timer, g_source_remove);
  g_clear_handle_id (&self->report_timer, g_source_remove);
  g_clear_pointer (&self->call, call_free);
  g_clear_pointer (&self->agreement, hj_agreement_free);
  if (self->keys != NULL)
    hj_frame_keys_clear (self->keys);
  g_clear_pointer (&self->keys, hj_frame_keys_unref);
  g_clear_pointer (&self->seat, g_free);
  g_clear_pointer (&self->meeting, g_free);
  self->epoch = 0;
  self->offer_id = 0;
}

static void
say_roster (const json_t *seats)
{
  json_t *roster = json_array ();
  size_t i;
  json_t *seat;

  json_array_foreach ((json_t *)seats, i, seat)
  {
    json_t *words = json_object ();
    static const char *const MEMBERS[] = { "seat", "number", "role", "state" };

    for (guint k = 0; k < G_N_ELEMENTS (MEMBERS); k++)
      json_object_set (words, MEMBERS[k], json_object_get (seat, MEMBERS[k]));
    json_array_append_new (roster, words);
  }
  talk_say (json_pack ("{s:s, s:o}", "event", "roster", "seats", roster));
}

/* message: `seats`. Those that left are no part of the roster (docs/e2ee.md section 2). */
void
end_take_roster (End *self, const json_t *message)
{
  g_autoptr (GArray) roster = g_array_new (FALSE, TRUE, sizeof (HjAgreementSeat));
  const json_t *seats = json_object_get (message, "seats");
  size_t i;
  json_t *seat;

  say_roster (seats);
  json_array_foreach ((json_t *)seats, i, seat)
  {
    HjAgreementSeat one = { json_string_value (json_object_get (seat, "seat")),
      (guint)json_integer_value (json_object_get (seat, "number")),
      json_string_value (json_object_get (seat, "role")),
      json_string_value (json_object_get (seat, "identity")) };

    if (g_strcmp0 (json_string_value (json_object_get (seat, "state")), "left") == 0)
      continue;
    g_array_append_val (roster, one);
  }
  hj_agreement_set_roster (self->agreement, self->meeting, self->seat, self->number,
      (const HjAgreementSeat *)(void *)roster->data, roster->len, g_get_monotonic_time ());
}

/* message: `key` */
void
end_take_key (End *self, const json_t *message)
{
  const char *from = json_string_value (json_object_get (message, "from"));
  const char *body = json_string_value (json_object_get (message, "body"));

  if (from != NULL && body != NULL)
    hj_agreement_receive (self->agreement, from, body, g_get_monotonic_time ());
}

/* result: same, or different: then nothing of ours is sent any more, whatever the server does. */
void
end_judge (End *self, const char *result)
{
  end_ask (self, json_pack ("{s:s, s:I, s:s}", "verb", "verify", "epoch", (json_int_t)self->epoch,
                     "result", result));
  if (!g_str_equal (result, "different"))
    return;
  self->quiet = TRUE;
  hj_frame_keys_clear (self->keys);
  g_clear_pointer (&self->call, call_free);
  talk_say_word ("quiet");
}
