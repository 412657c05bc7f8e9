/* SPDX-License-Identifier: Apache-2.0 */
/* A second lawyer of the same person takes part in a booking (Criminal Procedure Law art. 33; docs/adr/0012). On the store's
 * worker. That nobody is in two meetings at once is a rule of the schema (0007-participants.sql); here it is put into words. */

#include "scheduler/participants.h"

#include "scheduler/acts.h"
#include "scheduler/booking-view.h"
#include "src/base/json.h"
#include "src/eligibility/check.h"
#include "src/store/store.h"

#define MAX_LICENCE 32

static const char FIND_AUTHORITY[] = "SELECT authority FROM booking_participant WHERE booking = "
                                     ":booking AND lawyer = :lawyer";
static const char FIND_LAWYER[] = "SELECT id FROM lawyer WHERE licence = :licence";
static const char COUNT[] = "SELECT count (*) FROM booking_participant WHERE booking = :booking";
/* For the same person; the one for the booking's own case first, then the newest. */
static const char LIST_AUTHORITIES[]
    = "SELECT a.id FROM authority a JOIN detainee d ON d.person = a.person JOIN authority o ON o.id"
      " = :own WHERE d.id = :detainee AND a.lawyer = :lawyer AND (a.revoked_at_us IS NULL OR"
      " a.revoked_at_us > :now) ORDER BY a.case_file = o.case_file DESC, a.signed_at_us DESC, a.id";
static const char ADD[]
    = "INSERT INTO booking_participant (booking, lawyer, authority, added_at_us, added_by)"
      " VALUES (:booking, :lawyer, :authority, :at, :by)";
static const char REMOVE[]
    = "DELETE FROM booking_participant WHERE booking = :booking AND lawyer = :lawyer";

/* Returns: (transfer full) (nullable): the first column of the first row; NULL without error when there is none. */
static char *
find_text (HjStore *store, const char *sql, const HjBind *binds, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, sql, binds, error);

  return rows != NULL && hj_rows_next (rows, error) ? g_strdup (hj_rows_text (rows, 0)) : NULL;
}

/* Under which authority a lawyer may sit in the booking's meeting. lawyer: (nullable). ret_authority: (out) (transfer full)
 * (nullable): the booking's for its own lawyer, the participant's for a participant, NULL for anybody else. */
gboolean
hj_booking_find_authority (HjStore *store, const HjBooking *booking, const char *lawyer,
    char **ret_authority, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (lawyer == NULL || g_str_equal (lawyer, booking->lawyer))
    {
      *ret_authority = lawyer != NULL ? g_strdup (booking->authority) : NULL;
      return TRUE;
    }
  *ret_authority = find_text (store, FIND_AUTHORITY,
      HJ_BINDS (HJ_TEXT (":booking", booking->id), HJ_TEXT (":lawyer", lawyer)), &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* For an act that a participant may do as well as the booking's lawyer: asks hj_access_check(). word: of the act.
 * ret_authority: (out) (transfer full) (nullable) (optional): the one under which the actor sits; NULL for whoever is no
 * lawyer. FALSE with HJ_REFUSAL_NOT_FOUND. */
gboolean
hj_booking_check_access (
    HjAct *act, const HjBooking *booking, const char *word, char **ret_authority, GError **error)
{
  const char *lawyer = hj_actor_get_lawyer (act->actor);
  g_autofree char *authority = NULL;
  HjSubject subject = { .lawyer = booking->lawyer, .centre = booking->centre };

  if (!hj_booking_find_authority (act->store, booking, lawyer, &authority, error))
    return FALSE;
  if (authority != NULL)
    subject.lawyer = lawyer;
  if (!hj_access_check (act->actor, word, &subject, error))
    return FALSE;
  if (ret_authority != NULL)
    *ret_authority = g_steal_pointer (&authority);
  return TRUE;
}

/* Whether its meeting can still be held, and has a time that somebody may be free at. */
gboolean
hj_participants_may_change (HjBookingState state)
{
  return state == HJ_BOOKING_REVIEW || state == HJ_BOOKING_CONFIRMED
         || state == HJ_BOOKING_CHECKED_IN;
}

/* until_us: until when it may be; a meeting that takes longer than its slot can still be left. */
static gboolean
check_open (HjAct *act, const HjBooking *booking, gint64 until_us, GError **error)
{
  if (hj_participants_may_change (hj_booking_state_from_word (booking->state))
      && act->now_us < until_us)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s, or its time has passed", booking->state);
  return FALSE;
}

/* One request on its way through the rules. */
typedef struct
{
  HjAct *act;
  const HjBooking *booking;
  const char *licence;
  char *lawyer;    /* (owned): whose licence it is */
  char *authority; /* (owned): the one that holds */
} Naming;

static void
clear_naming (Naming *naming)
{
  g_free (naming->lawyer);
  g_free (naming->authority);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Naming, clear_naming)

static gboolean
find_lawyer (Naming *naming, GError **error)
{
  g_autoptr (GError) failure = NULL;

  naming->lawyer = find_text (
      naming->act->store, FIND_LAWYER, HJ_BINDS (HJ_TEXT (":licence", naming->licence)), &failure);
  if (naming->lawyer != NULL)
    return TRUE;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "licence");
  return FALSE;
}

/* Two defenders at most. Who is there already is no news: the booking shows them. */
static gboolean
check_place (Naming *naming, GError **error)
{
  g_autofree char *there = NULL;
  gint64 count = 0;

  if (!hj_booking_find_authority (
          naming->act->store, naming->booking, naming->lawyer, &there, error)
      || !hj_store_query_int (naming->act->store, COUNT,
          HJ_BINDS (HJ_TEXT (":booking", naming->booking->id)), &count, error))
    return FALSE;
  if (there != NULL)
    hj_refuse (error, HJ_REFUSAL_EXISTS, "participant");
  else if (count > 0)
    hj_refuse (error, HJ_REFUSAL_TOO_MANY, "lawyers");
  else
    return TRUE;
  return FALSE;
}

/* Returns: (transfer full) (nullable): the ids of the lawyer's authorities for the client, an array. */
static json_t *
list_authorities (Naming *naming, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (naming->act->store, LIST_AUTHORITIES,
      HJ_BINDS (HJ_TEXT (":own", naming->booking->authority),
          HJ_TEXT (":detainee", naming->booking->detainee), HJ_TEXT (":lawyer", naming->lawyer),
          HJ_INT (":now", naming->act->now_us)),
      error);
  g_autoptr (json_t) list = json_array ();
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  while (hj_rows_next (rows, &failure))
    json_array_append_new (list, json_string (hj_rows_text (rows, 0)));
  if (failure == NULL)
    return g_steal_pointer (&list);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* Finds the authority that holds at the time of the meeting. When none does, the asking lawyer learns what stands against the
 * first, by its rules alone: days and facts of a colleague's mandate are not theirs to know. */
static gboolean
find_authority (Naming *naming, GError **error)
{
  gint64 at_us = MAX (naming->act->now_us, naming->booking->starts_at_us);
  g_autoptr (json_t) authorities = list_authorities (naming, error);
  json_t *authority;
  gsize i;

  if (authorities == NULL)
    return FALSE;
  json_array_foreach (authorities, i, authority)
  {
    gboolean allowed = FALSE;
    g_autoptr (json_t) findings = hj_eligibility_check (naming->act->store,
        json_string_value (authority), naming->booking->centre, at_us, &allowed, error);

    if (findings == NULL)
      return FALSE;
    if (allowed)
      {
        naming->authority = g_strdup (json_string_value (authority));
        return TRUE;
      }
    if (i == 0)
      hj_act_explain (naming->act, "findings", hj_eligibility_tell_others (findings));
  }
  if (json_array_size (authorities) > 0)
    hj_refuse (error, HJ_REFUSAL_NOT_ELIGIBLE, "participant");
  else
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "licence");
  return FALSE;
}

/* What was free a moment ago may be taken: the schema decides. */
static gboolean
write_participant (Naming *naming, GError **error)
{
  HjAct *act = naming->act;
  g_autoptr (GError) failure = NULL;

  if (hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":booking", naming->booking->id), HJ_TEXT (":lawyer", naming->lawyer),
              HJ_TEXT (":authority", naming->authority), HJ_INT (":at", act->now_us),
              HJ_TEXT (":by", hj_actor_get_id (act->actor))),
          &failure))
    return TRUE;
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE))
    {
      hj_act_explain (act, "taken", json_string ("lawyer"));
      hj_refuse (error, HJ_REFUSAL_SLOT_TAKEN, "lawyer");
    }
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Act add-participant. Input {booking, licence}; answer Booking. A licence that nobody has and one whose lawyer does not act for
 * the client are the same HJ_REFUSAL_NOT_FOUND. */
static json_t *
add_participant (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_auto (Naming) naming = { .act = act };
  g_autoptr (HjBooking) booking = NULL;

  if (!hj_json_read_id (act->input, "booking", &id, error)
      || !hj_json_read_string (act->input, "licence", MAX_LICENCE, &naming.licence, error))
    return NULL;
  naming.booking = booking = hj_booking_load (act->store, id, error);
  if (booking == NULL
      || !hj_access_check (
          act->actor, "add-participant", &(HjSubject){ .lawyer = booking->lawyer }, error))
    return NULL;
  hj_act_about_booking (act, id);
  if (!check_open (act, booking, booking->ends_at_us, error) || !find_lawyer (&naming, error)
      || !check_place (&naming, error) || !find_authority (&naming, error))
    return NULL;
  hj_act_note (act, "lawyer", json_string (naming.lawyer));
  hj_act_note (act, "authority", json_string (naming.authority));
  if (!write_participant (&naming, error))
    return NULL;
  return hj_booking_view (act->store, act->actor, id, act->now_us, error);
}

const HjActKind hj_act_add_participant = {
  .name = "add-participant",
  .flags = HJ_ACT_WRITES,
  .run = add_participant,
};

/* The booking's lawyer takes the participant out, or the participant leaves; nobody else knows the booking. */
static gboolean
check_who_removes (HjAct *act, const HjBooking *booking, const char *lawyer, GError **error)
{
  const char *own = hj_actor_get_lawyer (act->actor);
  g_autofree char *authority = NULL;
  gboolean leaves = g_strcmp0 (own, lawyer) == 0 && g_strcmp0 (own, booking->lawyer) != 0;

  if (!hj_booking_find_authority (act->store, booking, lawyer, &authority, error)
      || !hj_access_check (act->actor, "remove-participant",
          &(HjSubject){ .lawyer = leaves && authority != NULL ? lawyer : booking->lawyer }, error))
    return FALSE;
  if (authority != NULL && g_strcmp0 (lawyer, booking->lawyer) != 0)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "participant");
  return FALSE;
}

/* Act remove-participant. Input {booking, lawyer}; answer Booking. Whoever sits in the meeting loses the seat with it. */
static json_t *
remove_participant (HjAct *act, GError **error)
{
  const char *id = NULL;
  const char *lawyer = NULL;
  g_autoptr (HjBooking) booking = NULL;

  if (!hj_json_read_id (act->input, "booking", &id, error)
      || !hj_json_read_id (act->input, "lawyer", &lawyer, error))
    return NULL;
  booking = hj_booking_load (act->store, id, error);
  if (booking == NULL || !check_who_removes (act, booking, lawyer, error))
    return NULL;
  hj_act_about_booking (act, id);
  if (!check_open (act, booking, G_MAXINT64, error)
      || !hj_store_run (act->store, REMOVE,
          HJ_BINDS (HJ_TEXT (":booking", id), HJ_TEXT (":lawyer", lawyer)), error))
    return NULL;
  hj_act_note (act, "lawyer", json_string (lawyer));
  return hj_booking_view (act->store, act->actor, id, act->now_us, error);
}

const HjActKind hj_act_remove_participant = {
  .name = "remove-participant",
  .flags = HJ_ACT_WRITES,
  .run = remove_participant,
};
