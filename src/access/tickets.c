/* SPDX-License-Identifier: Apache-2.0 */
/* A ticket opens the signalling socket once within 60 s, since a WebSocket from a page carries no header of ours: for a
 * lawyer to join an own booking, for a supervisor to follow. Only its hash is stored. On the store's worker, but for the
 * _async call. ASVS 5.0 4.4.4. */

#include "src/access/tickets.h"

#include "src/access/identity.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/time.h"

/* Whose booking it is for this lawyer: who takes part in it joins as if it were an own one. */
static const char FIND_BOOKING[]
    = "SELECT COALESCE ((SELECT p.lawyer FROM booking_participant p WHERE p.booking = b.id AND"
      " p.lawyer = :lawyer), b.lawyer) FROM booking b WHERE b.id = :booking";
static const char REMOVE_OLD[]
    = "DELETE FROM ticket WHERE account = :account AND expires_at_us <= :now";
static const char ADD[] = "INSERT INTO ticket (token_hash, account, purpose, booking,"
                          " expires_at_us) VALUES (:hash, :account, :purpose, :booking, :expires)";
static const char FIND[]
    = "SELECT account, purpose, booking, expires_at_us FROM ticket WHERE token_hash = :hash";
static const char REMOVE[] = "DELETE FROM ticket WHERE token_hash = :hash";

/* The booking must be one that the lawyer may join; unknown and another's are the same. */
static gboolean
check_booking (HjAct *act, const char *booking, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (act->store, FIND_BOOKING,
      HJ_BINDS (
          HJ_TEXT (":booking", booking), HJ_TEXT (":lawyer", hj_actor_get_lawyer (act->actor))),
      error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    {
      HjSubject subject = { .lawyer = hj_rows_text (rows, 0) };

      hj_act_about_booking (act, booking);
      return hj_access_check (act->actor, "ticket", &subject, error);
    }
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "booking");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* A lawyer joins, a supervisor follows. booking: NULL with "follow". */
static gboolean
read_purpose (HjAct *act, const char **ret_purpose, const char **ret_booking, GError **error)
{
  gboolean joins = hj_actor_get_role (act->actor) == HJ_ROLE_LAWYER;

  *ret_booking = NULL;
  if (!hj_json_read_string (act->input, "purpose", 16, ret_purpose, error))
    return FALSE;
  if (!g_str_equal (*ret_purpose, joins ? "join" : "follow"))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "purpose");
      return FALSE;
    }
  return !joins
         || (hj_json_read_id (act->input, "booking", ret_booking, error)
             && check_booking (act, *ret_booking, error));
}

static json_t *
run_ticket (HjAct *act, GError **error)
{
  const char *account = hj_actor_get_id (act->actor);
  const char *purpose = NULL;
  const char *booking = NULL;
  g_autofree char *ticket = hj_token_new ();
  g_autofree char *hash = hj_sha256_hex (ticket);
  gint64 expires_us = act->now_us + HJ_TICKET_LIFE_US;

  if (!read_purpose (act, &purpose, &booking, error)
      || !hj_store_run (act->store, REMOVE_OLD,
          HJ_BINDS (HJ_TEXT (":account", account), HJ_INT (":now", act->now_us)), error)
      || !hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":hash", hash), HJ_TEXT (":account", account),
              HJ_TEXT (":purpose", purpose), HJ_TEXT (":booking", booking),
              HJ_INT (":expires", expires_us)),
          error))
    return NULL;
  return json_pack ("{s:s, s:I}", "ticket", ticket, "expires_at_us", (json_int_t)expires_us);
}

/* input: {purpose, booking?}. Answers {ticket, expires_at_us}. */
const HjActKind hj_act_ticket = { .name = "ticket", .flags = HJ_ACT_WRITES, .run = run_ticket };

/* Returns: (transfer full) (nullable): the caller, without actor and name, whether or not the ticket is still good. */
static HjCaller *
find (HjStore *store, const char *hash, char **ret_account, gint64 *ret_expires_us, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, FIND, HJ_BINDS (HJ_TEXT (":hash", hash)), error);
  g_autoptr (GError) failure = NULL;
  HjCaller *self = NULL;

  if (rows == NULL)
    return NULL;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure == NULL)
        hj_refuse (error, HJ_REFUSAL_TOKEN, "ticket");
      else
        g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  self = g_new0 (HjCaller, 1);
  *ret_account = g_strdup (hj_rows_text (rows, 0));
  self->purpose = g_strdup (hj_rows_text (rows, 1));
  self->booking = g_strdup (hj_rows_text (rows, 2));
  *ret_expires_us = hj_rows_int (rows, 3);
  return self;
}

static HjCaller *
take (HjStore *store, const char *ticket, gint64 now_us, GError **error)
{
  g_autofree char *hash = hj_sha256_hex (ticket);
  g_autofree char *account = NULL;
  gint64 expires_us = 0;
  g_autoptr (HjCaller) self = find (store, hash, &account, &expires_us, error);

  if (self == NULL)
    return NULL;
  if (expires_us <= now_us)
    {
      hj_refuse (error, HJ_REFUSAL_TOKEN, "ticket");
      return NULL;
    }
  if ((self->actor = hj_identity_load_actor (store, account, NULL, error)) == NULL
      || (self->name = hj_identity_get_display_name (store, account, error)) == NULL
      || !hj_store_run (store, REMOVE, HJ_BINDS (HJ_TEXT (":hash", hash)), error)
      || !hj_caller_record (store, self->actor, self->booking, now_us, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Takes the ticket away and records the hello, in one transaction. Unknown, used, expired and of a disabled account: the
 * same HJ_REFUSAL_TOKEN. Returns: (transfer full) (nullable). */
HjCaller *
hj_ticket_take (HjStore *store, const char *ticket, gint64 now_us, GError **error)
{
  g_autoptr (HjCaller) self = NULL;
  g_autoptr (GError) failure = NULL;

  if (hj_store_begin (store, &failure) && (self = take (store, ticket, now_us, &failure)) != NULL
      && hj_store_commit (store, &failure))
    return g_steal_pointer (&self);
  hj_store_rollback (store);
  if (failure->domain == HJ_REFUSAL)
    hj_refuse (error, HJ_REFUSAL_TOKEN, "ticket");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

typedef struct
{
  char *ticket;
  gint64 now_us;
} Taking;

static void
free_taking (gpointer data)
{
  Taking *taking = data;

  g_free (taking->ticket);
  g_free (taking);
}

static gpointer
on_worker_take (HjStore *store, gpointer input, GError **error)
{
  Taking *taking = input;

  return hj_ticket_take (store, taking->ticket, taking->now_us, error);
}

/* From control; answers there. */
void
hj_ticket_take_async (
    HjActs *acts, const char *ticket, GAsyncReadyCallback callback, gpointer user_data)
{
  Taking *taking = g_new (Taking, 1);

  *taking = (Taking){ g_strdup (ticket), hj_time_now (hj_acts_get_time (acts)) };
  hj_store_call_async (hj_acts_get_store (acts), on_worker_take, taking, free_taking,
      (GDestroyNotify)hj_caller_free, callback, user_data);
}

/* Returns: (transfer full) (nullable). */
HjCaller *
hj_ticket_take_finish (GAsyncResult *result, GError **error)
{
  return hj_store_call_finish (result, error);
}
