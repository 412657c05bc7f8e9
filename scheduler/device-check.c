/* SPDX-License-Identifier: Apache-2.0 */
/* What the lawyer's device check said, in coarse words, so that the desk can help before the meeting instead of during it. On
 * the store's worker. */

#include "scheduler/acts.h"
#include "scheduler/booking.h"
#include "src/base/json.h"
#include "src/store/store.h"

#define MAX_BROWSER 64

static const char SET_CHECK[] = "UPDATE booking SET device_check = :check WHERE id = :id";

/* One of ok, failed, skipped, none. */
static gboolean
read_result (const json_t *input, const char *key, const char **ret, GError **error)
{
  static const char *const RESULTS[] = { "ok", "failed", "skipped", "none", NULL };

  if (!hj_json_read_string (input, key, 16, ret, error))
    return FALSE;
  if (g_strv_contains (RESULTS, *ret))
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_INVALID, "%s", key);
  return FALSE;
}

/* Returns: (transfer full) (nullable). */
static char *
read_check (const HjAct *act, GError **error)
{
  static const char *const PARTS[] = { "camera", "microphone", "speaker", "connection" };
  g_autoptr (json_t) check = json_object ();
  const char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (PARTS); i++)
    {
      if (!read_result (act->input, PARTS[i], &text, error))
        return NULL;
      json_object_set_new (check, PARTS[i], json_string (text));
    }
  if (!hj_json_read_string (act->input, "browser", MAX_BROWSER, &text, error))
    return NULL;
  json_object_set_new (check, "browser", json_string (text));
  json_object_set_new (check, "at_us", json_integer (act->now_us));
  return hj_json_dump (check);
}

/* Act device-check. Input {booking, camera, microphone, speaker, connection, browser}; answer {}. */
static json_t *
device_check (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_autoptr (HjBooking) booking = NULL;
  g_autofree char *check = NULL;
  HjBookingState state;

  if (!hj_json_read_id (act->input, "booking", &id, error))
    return NULL;
  booking = hj_booking_load (act->store, id, error);
  if (booking == NULL
      || !hj_access_check (
          act->actor, "device-check", &(HjSubject){ .lawyer = booking->lawyer }, error))
    return NULL;
  hj_act_about_booking (act, id);
  state = hj_booking_state_from_word (booking->state);
  if (!hj_booking_may_become (state, HJ_BOOKING_CANCELLED))
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s", booking->state);
      return NULL;
    }
  check = read_check (act, error);
  if (check == NULL
      || !hj_store_run (
          act->store, SET_CHECK, HJ_BINDS (HJ_TEXT (":check", check), HJ_TEXT (":id", id)), error))
    return NULL;
  return json_object ();
}

const HjActKind hj_act_device_check = {
  .name = "device-check",
  .flags = HJ_ACT_WRITES,
  .run = device_check,
};
