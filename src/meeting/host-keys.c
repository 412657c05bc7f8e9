/* SPDX-License-Identifier: Apache-2.0 */
/* What the ends tell each other about keys, passed on unread, and what they tell us: that they hold the keys, and whether two
 * people read the same security code. On control. docs/e2ee.md. */

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/meeting/host-private.h"

static void
pass (const HjSeat *from, const HjSeat *to, const char *body)
{
  if (to->peer != NULL)
    to->peer->interface->tell (
        to->peer, json_pack ("{s:s, s:s, s:s, s:s}", "verb", "key", "meeting",
                      hj_meeting_get_id (from->meeting), "from", from->id, "body", body));
}

/* Nobody here reads, keeps or logs the body. to: (nullable): one seat of the same meeting; NULL: all others. Whoever is away
 * misses it: ends send again (docs/e2ee.md section 3), so it is no error. Refused with HJ_REFUSAL_NOT_FOUND: the peer has no
 * such seat, or there is no such other seat. */
gboolean
hj_host_key (
    HjHost *self, HjPeer *peer, const char *id, const char *to, const char *body, GError **error)
{
  const HjSeat *from = hj_host_find_own_seat (self, peer, id);
  GPtrArray *seats = from != NULL ? hj_meeting_get_seats (from->meeting) : NULL;
  gboolean found = from != NULL && to == NULL;

  for (guint i = 0; seats != NULL && i < seats->len; i++)
    {
      const HjSeat *seat = g_ptr_array_index (seats, i);

      if (seat == from || (to != NULL && g_strcmp0 (seat->id, to) != 0))
        continue;
      pass (from, seat, body);
      found = TRUE;
    }
  if (!found)
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "seat");
  return found;
}

/* Something that a seat said is on its way to the database. */
typedef struct
{
  HjHost *host;
  char *seat;
  gint64 epoch;
  HjHostAnswered answered;
  gpointer user_data;
} Word;

static Word *
word_new (HjHost *host, const char *seat, gint64 epoch, HjHostAnswered answered, gpointer user_data)
{
  Word *word = g_new (Word, 1);

  *word = (Word){ host, g_strdup (seat), epoch, answered, user_data };
  return word;
}

static void
word_free (Word *word)
{
  g_free (word->seat);
  g_free (word);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Word, word_free)

static void
secured (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Word) word = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);
  HjSeat *seat = hj_host_find_seat (word->host, word->seat);

  if (seat != NULL && seat->securing == word->epoch)
    seat->securing = 0;
  if (seat != NULL && answer != NULL)
    {
      seat->epoch = word->epoch;
      hj_event ("seat.secured", hj_meeting_get_id (seat->meeting), seat->id,
          "a %s holds the keys of epoch %" G_GINT64_FORMAT, seat->role, word->epoch);
      hj_host_settle (word->host, seat->meeting);
    }
  word->answered (answer, problem, error, word->user_data);
}

/* The end has the keys of everybody who is there. Saying so again changes nothing and leaves no trace. */
void
hj_host_secured (HjHost *self, HjPeer *peer, HjActor *actor, const char *id, gint64 epoch,
    HjHostAnswered answered, gpointer user_data)
{
  HjSeat *seat = hj_host_find_own_seat (self, peer, id);
  g_autoptr (json_t) nothing_new = NULL;

  if (seat == NULL)
    {
      hj_host_refuse_stranger (answered, user_data);
      return;
    }
  if (epoch == (seat->securing != 0 ? seat->securing : seat->epoch))
    {
      nothing_new = json_object ();
      answered (nothing_new, NULL, NULL, user_data);
      return;
    }
  seat->securing = epoch;
  hj_acts_run_async (self->acts, &hj_act_secured, actor,
      json_pack (
          "{s:s, s:I, s:s}", "seat", id, "epoch", (json_int_t)epoch, "identity", seat->identity),
      NULL, secured, word_new (self, id, epoch, answered, user_data));
}

/* What `different` ends has ended: hj_host_hear_of_act(). */
static void
verified (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Word) word = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);

  if (answer != NULL)
    hj_event ("seat.verified", json_string_value (json_object_get (answer, "meeting")), word->seat,
        "somebody compared the security code of epoch %" G_GINT64_FORMAT, word->epoch);
  word->answered (answer, problem, error, word->user_data);
}

/* A person compared the security code. result: same or different; the latter ends the meeting. */
void
hj_host_verify (HjHost *self, HjPeer *peer, HjActor *actor, const char *id, gint64 epoch,
    const char *result, HjHostAnswered answered, gpointer user_data)
{
  if (hj_host_find_own_seat (self, peer, id) == NULL)
    {
      hj_host_refuse_stranger (answered, user_data);
      return;
    }
  hj_acts_run_async (self->acts, &hj_act_verify, actor,
      json_pack ("{s:s, s:I, s:s}", "seat", id, "epoch", (json_int_t)epoch, "result", result), NULL,
      verified, word_new (self, id, epoch, answered, user_data));
}
