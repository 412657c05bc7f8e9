/* SPDX-License-Identifier: Apache-2.0 */
/* A lawyer or a kiosk takes a seat, and takes it again after a dropped socket. On the store's worker. Nobody joins without
 * the right, the booking's state, its time and eligibility (DESIGN.md section 2; Criminal Procedure Law art. 39). */

#include <string.h>

#include "scheduler/booking.h"
#include "scheduler/participants.h"
#include "src/access/devices.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/time.h"
#include "src/eligibility/check.h"
#include "src/meeting/acts.h"

#define MAX_JOINS_A_MINUTE 12

static const char FIND_MEETING[] = "SELECT id, state FROM meeting WHERE booking = :booking";
static const char OPEN_MEETING[] = "INSERT INTO meeting (id, booking, state, opened_at_us) VALUES "
                                   "(:id, :booking, 'waiting', :at)";
static const char FIND_SEAT[]
    = "SELECT id, number FROM seat WHERE meeting = :meeting AND actor = :actor AND state <> 'left'";
static const char COUNT_JOINS[]
    = "SELECT COUNT(*) FROM seat_event e JOIN seat s ON s.id = e.seat WHERE s.meeting = :meeting"
      " AND s.actor = :actor AND e.kind IN ('joined', 'resumed') AND e.at_us > :since";
static const char LIST_NUMBERS[]
    = "SELECT number FROM seat WHERE meeting = :meeting AND state <> 'left'";
static const char TAKE_SEAT[]
    = "INSERT INTO seat (id, meeting, number, role, actor, name, token_hash, state, joined_at_us,"
      " identity, device) VALUES (:id, :meeting, :number, :role, :actor, COALESCE"
      " ((SELECT name FROM lawyer WHERE id = :lawyer), :name), :token, 'waiting',"
      " :at, :identity, :device)";
/* Another device has none of the keys, and its person compared nothing. */
static const char RETAKE_SEAT[]
    = "UPDATE seat SET token_hash = :token, identity = :identity, device = :device,"
      " epoch = CASE WHEN identity = :identity THEN epoch END,"
      " code = CASE WHEN identity = :identity THEN code END WHERE id = :id";
static const char KIOSK_KEY[] = "SELECT public_key FROM kiosk WHERE id = :kiosk AND state ="
                                " 'approved' AND public_key IS NOT NULL";
static const char WAS_ADMITTED[]
    = "SELECT COUNT (*) FROM seat_event WHERE seat = :seat AND kind = 'admitted'";
static const char DESCRIBE[] = "SELECT s.id AS \"seat\", s.number AS \"number\", s.role AS "
                               "\"role\", s.name AS \"name\", s.actor AS \"actor\","
                               " s.identity AS \"identity\", s.epoch AS \"epoch\","
                               " m.id AS \"meeting\", m.state AS \"state\", m.admitted_at_us AS "
                               "\"admitted_at_us\", b.id AS \"booking\","
                               " b.starts_at_us AS \"starts_at_us\", b.ends_at_us AS "
                               "\"ends_at_us\", b.centre AS \"centre\", b.room AS \"room\","
                               " b.checked_in_at_us AS \"checked_in_at_us\", (SELECT a.lawyer FROM"
                               " account a WHERE a.id = s.actor) AS \"lawyer\""
                               " FROM seat s JOIN meeting m ON m.id = s.meeting JOIN booking b ON "
                               "b.id = m.booking WHERE s.id = :seat";
static const char FIND_TOKEN[]
    = "SELECT s.id, s.actor, s.role, (SELECT a.lawyer FROM account a WHERE a.id = s.actor), "
      "b.centre"
      " FROM seat s JOIN meeting m ON m.id = s.meeting JOIN booking b ON b.id = m.booking"
      " WHERE s.token_hash = :token AND s.state <> 'left' AND m.state <> 'ended'"
      " AND (EXISTS (SELECT 1 FROM account a WHERE a.id = s.actor AND a.state = 'active'"
      " AND EXISTS (SELECT 1 FROM device d WHERE d.id = s.device AND d.state = 'active')"
      " AND (a.lawyer = b.lawyer OR EXISTS (SELECT 1 FROM booking_participant p"
      " WHERE p.booking = b.id AND p.lawyer = a.lawyer)))"
      " OR EXISTS (SELECT 1 FROM kiosk k WHERE k.id = s.actor AND k.state = 'approved'))";

/* ret_authority: (out) (transfer full): under which the actor sits; a kiosk is there for the booking's. */
static gboolean
check_actor (HjAct *act, const HjBooking *booking, char **ret_authority, GError **error)
{
  gboolean is_kiosk = hj_actor_get_role (act->actor) == HJ_ROLE_KIOSK;

  if (!hj_booking_check_access (act, booking, "join", ret_authority, error))
    return FALSE;
  if (*ret_authority == NULL)
    *ret_authority = g_strdup (booking->authority);
  if (!is_kiosk || g_strcmp0 (booking->kiosk, hj_actor_get_id (act->actor)) == 0)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "another kiosk's booking");
  return FALSE;
}

static gboolean
check_time (HjAct *act, const HjBooking *booking, GError **error)
{
  gboolean is_kiosk = hj_actor_get_role (act->actor) == HJ_ROLE_KIOSK;

  if (!hj_booking_is_open_for_join (booking, act->now_us))
    hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s, or it is not its time", booking->state);
  else if (is_kiosk && booking->checked_in_at_us < 0)
    hj_refuse (error, HJ_REFUSAL_STATE, "not checked in");
  else
    return TRUE;
  return FALSE;
}

/* Returns: (transfer full) (nullable): the id of the booking's meeting, opened now if it is the first to come. */
static char *
reach_meeting (HjAct *act, const HjBooking *booking, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      act->store, FIND_MEETING, HJ_BINDS (HJ_TEXT (":booking", booking->id)), error);
  g_autofree char *id = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, NULL))
    {
      if (strcmp (hj_rows_text (rows, 1), "ended") != 0)
        return g_strdup (hj_rows_text (rows, 0));
      hj_refuse (error, HJ_REFUSAL_STATE, "meeting has ended");
      return NULL;
    }
  id = hj_id_new ();
  if (!hj_store_run (act->store, OPEN_MEETING,
          HJ_BINDS (
              HJ_TEXT (":id", id), HJ_TEXT (":booking", booking->id), HJ_INT (":at", act->now_us)),
          error))
    return NULL;
  return g_steal_pointer (&id);
}

static int
find_free_number (HjAct *act, const char *meeting, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (act->store, LIST_NUMBERS, HJ_BINDS (HJ_TEXT (":meeting", meeting)), error);
  guint taken = 0;

  if (rows == NULL)
    return -1;
  while (hj_rows_next (rows, NULL))
    taken |= 1u << hj_rows_int (rows, 0);
  for (int number = 0; number < HJ_MEETING_SEATS; number++)
    if ((taken >> number & 1) == 0)
      return number;
  hj_refuse (error, HJ_REFUSAL_TOO_MANY, "seats");
  return -1;
}

/* The seat is sat in again. One that was let in before stays so: there is no second admission. */
static gboolean
move_back (HjAct *act, const char *seat, GError **error)
{
  gint64 admissions = 0;

  return hj_store_query_int (
             act->store, WAS_ADMITTED, HJ_BINDS (HJ_TEXT (":seat", seat)), &admissions, error)
         && hj_seat_row_move (act->store, seat, admissions > 0 ? "admitted" : "waiting", "resumed",
             act->now_us, error);
}

/* Each join is a row for ever: nobody comes and goes without end. */
static gboolean
check_pace (HjAct *act, const char *meeting, GError **error)
{
  gint64 joins = 0;

  if (!hj_store_query_int (act->store, COUNT_JOINS,
          HJ_BINDS (HJ_TEXT (":meeting", meeting), HJ_TEXT (":actor", hj_actor_get_id (act->actor)),
              HJ_INT (":since", act->now_us - HJ_MINUTE_US)),
          &joins, error))
    return FALSE;
  if (joins < MAX_JOINS_A_MINUTE)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_TOO_MANY, "joins");
  return FALSE;
}

static char *
find_kiosk_key (HjAct *act, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      act->store, KIOSK_KEY, HJ_BINDS (HJ_TEXT (":kiosk", hj_actor_get_id (act->actor))), error);
  g_autoptr (GError) failure = NULL;
  gconstpointer key;
  gsize size;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    {
      key = hj_rows_blob (rows, 0, &size);
      return g_base64_encode (key, size);
    }
  if (failure == NULL)
    hj_refuse (&failure, HJ_REFUSAL_DEVICE, "kiosk");
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* By which key the other ends know this one (docs/e2ee.md section 2): a lawyer's by the registered device of the input, a
 * kiosk by the key that was approved. Returns: (transfer full) (nullable): SubjectPublicKeyInfo in base64. */
static char *
find_identity (HjAct *act, const char *device, GError **error)
{
  if (hj_actor_get_role (act->actor) == HJ_ROLE_KIOSK)
    return find_kiosk_key (act, error);
  if (device != NULL)
    return hj_device_find_key (
        act->store, hj_actor_get_id (act->actor), device, act->now_us, error);
  hj_refuse (error, HJ_REFUSAL_DEVICE, "none was named");
  return NULL;
}

/* What proves that the seat is one's own: to us, and to the other ends. */
typedef struct
{
  const char *token;
  const char *identity;
  const char *device; /* (nullable): of a lawyer's browser */
} Proof;

static gboolean
retake_seat (HjAct *act, const char *seat, const char *hash, const Proof *proof, GError **error)
{
  return hj_store_run (act->store, RETAKE_SEAT,
             HJ_BINDS (HJ_TEXT (":token", hash), HJ_TEXT (":identity", proof->identity),
                 HJ_TEXT (":device", proof->device), HJ_TEXT (":id", seat)),
             error)
         && move_back (act, seat, error);
}

/* Returns: (transfer full) (nullable): the id of the actor's seat: the one it holds already, or a new one. */
static char *
take_seat (
    HjAct *act, const HjBooking *booking, const char *meeting, const Proof *proof, GError **error)
{
  const char *actor = hj_actor_get_id (act->actor);
  g_autoptr (HjRows) rows = hj_store_query (act->store, FIND_SEAT,
      HJ_BINDS (HJ_TEXT (":meeting", meeting), HJ_TEXT (":actor", actor)), error);
  g_autofree char *hash = hj_sha256_hex (proof->token);
  g_autofree char *seat = NULL;
  gboolean is_kiosk = hj_actor_get_role (act->actor) == HJ_ROLE_KIOSK;
  int number;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, NULL))
    {
      seat = g_strdup (hj_rows_text (rows, 0));
      return retake_seat (act, seat, hash, proof, error) ? g_steal_pointer (&seat) : NULL;
    }
  number = find_free_number (act, meeting, error);
  if (number < 0)
    return NULL;
  seat = hj_id_new ();
  if (!hj_store_run (act->store, TAKE_SEAT,
          HJ_BINDS (HJ_TEXT (":id", seat), HJ_TEXT (":meeting", meeting),
              HJ_INT (":number", number), HJ_TEXT (":role", is_kiosk ? "kiosk" : "lawyer"),
              HJ_TEXT (":actor", actor), HJ_TEXT (":lawyer", hj_actor_get_lawyer (act->actor)),
              HJ_TEXT (":name", booking->detainee_name), HJ_TEXT (":token", hash),
              HJ_INT (":at", act->now_us), HJ_TEXT (":identity", proof->identity),
              HJ_TEXT (":device", proof->device)),
          error)
      || !hj_seat_row_move (act->store, seat, "waiting", "joined", act->now_us, error))
    return NULL;
  return g_steal_pointer (&seat);
}

/* Input {booking, device?}. Answers {seat, number, role, name, actor, identity, epoch, meeting, state, booking, starts_at_us,
 * ends_at_us, centre, room, checked_in_at_us, lawyer, token}. */
static json_t *
join (HjAct *act, GError **error)
{
  const char *id = NULL, *device = NULL;
  gboolean is_kiosk = hj_actor_get_role (act->actor) == HJ_ROLE_KIOSK;
  g_autoptr (HjBooking) booking = NULL;
  g_autofree char *authority = NULL;
  g_autofree char *identity = NULL;
  g_autofree char *meeting = NULL;
  g_autofree char *seat = NULL;
  g_autofree char *token = hj_token_new ();
  json_t *answer;

  if (!hj_json_read_id (act->input, "booking", &id, error)
      || (!is_kiosk
          && !hj_json_read_optional_string (act->input, "device", HJ_ID_LENGTH, &device, error)))
    return NULL;
  booking = hj_booking_load (act->store, id, error);
  if (booking == NULL)
    return NULL;
  hj_act_about_booking (act, id);
  if (!check_actor (act, booking, &authority, error) || !check_time (act, booking, error)
      || !hj_eligibility_require (act, authority, booking->centre, error))
    return NULL;
  identity = find_identity (act, device, error);
  if (identity != NULL)
    meeting = reach_meeting (act, booking, error);
  if (meeting != NULL && check_pace (act, meeting, error))
    seat = take_seat (act, booking, meeting, &(Proof){ token, identity, device }, error);
  if (seat == NULL)
    return NULL;
  hj_act_about (act, "meeting", meeting);
  hj_act_note (act, "seat", json_string (seat));
  if (device != NULL)
    hj_act_note (act, "device", json_string (device));
  answer = hj_store_query_one (act->store, DESCRIBE, HJ_BINDS (HJ_TEXT (":seat", seat)), error);
  if (answer != NULL)
    json_object_set_new (answer, "token", json_string (token));
  return answer;
}

/* Input {seat}, which the bearer of its token proved. Answers as join without a token. */
static json_t *
resume (HjAct *act, GError **error)
{
  const char *seat = NULL;
  g_autoptr (HjSeatRow) row = NULL;

  if (!hj_json_read_id (act->input, "seat", &seat, error))
    return NULL;
  row = hj_seat_row_load (act->store, seat, error);
  if (row == NULL)
    return NULL;
  hj_act_about_booking (act, row->booking);
  hj_act_about (act, "meeting", row->meeting);
  hj_act_note (act, "seat", json_string (seat));
  if (g_strcmp0 (row->state, "dropped") == 0 && !move_back (act, seat, error))
    return NULL;
  return hj_store_query_one (act->store, DESCRIBE, HJ_BINDS (HJ_TEXT (":seat", seat)), error);
}

const HjActKind hj_act_join = { .name = "join", .run = join };
const HjActKind hj_act_resume = { .name = "resume", .run = resume };

typedef struct
{
  HjActs *acts;
  char *token_hash;
  HjActor *actor;
  json_t *answer;
} Resume;

static void
free_resume (gpointer data)
{
  Resume *call = data;

  hj_actor_unref (call->actor);
  json_decref (call->answer);
  g_free (call->token_hash);
  g_free (call);
}

static gpointer
on_worker_resume (HjStore *store, gpointer input, GError **error)
{
  Resume *call = input;
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_TOKEN, HJ_BINDS (HJ_TEXT (":token", call->token_hash)), error);
  g_autoptr (json_t) request = json_object ();
  const char *centres[2] = { NULL, NULL };

  if (rows == NULL)
    return NULL;
  if (!hj_rows_next (rows, NULL))
    {
      hj_refuse (error, HJ_REFUSAL_TOKEN, "resume");
      return NULL;
    }
  json_object_set_new (request, "seat", json_string (hj_rows_text (rows, 0)));
  centres[0] = hj_rows_text (rows, 4);
  call->actor = hj_actor_new (hj_rows_text (rows, 1), hj_role_from_word (hj_rows_text (rows, 2)),
      hj_rows_text (rows, 3), centres, FALSE);
  g_clear_pointer (&rows, hj_rows_free);
  call->answer = hj_acts_run (call->acts, &hj_act_resume, call->actor, request, NULL, NULL, error);
  return NULL;
}

static void
resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;

  hj_store_call_finish (result, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/* From control: who bears this seat token takes the seat again. */
void
hj_seat_resume_async (
    HjActs *acts, const char *token, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Resume *call = g_new0 (Resume, 1);

  call->acts = acts;
  call->token_hash = hj_sha256_hex (token);
  g_task_set_task_data (task, call, free_resume);
  hj_store_call_async (hj_acts_get_store (acts), on_worker_resume, call, NULL, NULL, resumed, task);
}

/* ret_actor: (out) (transfer full): who the seat belongs to. Returns: (transfer full) (nullable): as the act join. */
json_t *
hj_seat_resume_finish (GAsyncResult *result, HjActor **ret_actor, GError **error)
{
  Resume *call = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  *ret_actor = hj_actor_ref (call->actor);
  return json_incref (call->answer);
}
