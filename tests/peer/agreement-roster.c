/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes part (docs/e2ee.md section 2): a roster that an end accepts, in the order of the numbers, and its hash. */

#include "tests/peer/agreement-private.h"

#include <string.h>

static gboolean
fits_string (const char *text)
{
  return text != NULL && text[0] != '\0' && strlen (text) <= G_MAXUINT8;
}

/* One text for the same bytes: what base64 does not need is not there. */
static guint8 *
decode_identity (const char *text, gsize *ret_size)
{
  g_autofree guint8 *bytes = NULL;
  g_autofree char *again = NULL;

  if (text == NULL || text[0] == '\0')
    return NULL;
  bytes = g_base64_decode (text, ret_size);
  again = g_base64_encode (bytes, *ret_size);
  return strcmp (text, again) == 0 ? g_steal_pointer (&bytes) : NULL;
}

static const char *
take_seat (HjRoster *self, const HjAgreementSeat *given)
{
  HjRosterSeat *seat = &self->seats[self->n_seats];
  g_autofree guint8 *spki = NULL;
  gsize size = 0;

  if (!fits_string (given->seat) || !fits_string (given->role))
    return "roster";
  if (given->number >= HJ_AGREEMENT_SEATS)
    return "number";
  spki = decode_identity (given->identity, &size);
  if (spki == NULL || !hj_spki_is_p256 (spki, size))
    return "identity";
  self->n_seats++;
  *seat = (HjRosterSeat){
    .seat = g_strdup (given->seat), .number = given->number, .role = g_strdup (given->role)
  };
  memcpy (seat->identity, spki, HJ_SPKI_SIZE);
  return NULL;
}

static int
compare_numbers (const void *a, const void *b)
{
  return (int)((const HjRosterSeat *)a)->number - (int)((const HjRosterSeat *)b)->number;
}

static gboolean
has_twice (const HjRoster *self)
{
  for (guint i = 0; i < self->n_seats; i++)
    for (guint j = 0; j < i; j++)
      if (self->seats[i].number == self->seats[j].number
          || strcmp (self->seats[i].seat, self->seats[j].seat) == 0
          || memcmp (self->seats[i].identity, self->seats[j].identity, HJ_SPKI_SIZE) == 0)
        return TRUE;
  return FALSE;
}

static void
compute_hash (HjRoster *self)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();

  hj_put_label (data, "huijian-e2ee-v1 roster");
  hj_put_string (data, self->meeting);
  hj_put_number (data, self->n_seats, 1);
  for (guint i = 0; i < self->n_seats; i++)
    {
      hj_put_number (data, self->seats[i].number, 1);
      hj_put_string (data, self->seats[i].seat);
      hj_put_string (data, self->seats[i].role);
      hj_put_number (data, HJ_SPKI_SIZE, 2);
      hj_put (data, self->seats[i].identity, HJ_SPKI_SIZE);
    }
  hj_hash (data, self->hash);
}

/* Returns: (transfer full) (nullable): the roster, or NULL and in ret_reason one word why it is refused. Whether our own seat
 * is what we know it to be is for the caller to compare. */
HjRoster *
hj_roster_new (const char *meeting, const HjAgreementSeat *seats, guint n_seats,
    const char *own_seat, const char **ret_reason)
{
  g_autoptr (HjRoster) self = g_new0 (HjRoster, 1);
  int own;

  *ret_reason = "roster";
  if (!fits_string (meeting) || n_seats == 0)
    return NULL;
  *ret_reason = "too-many";
  if (n_seats > HJ_AGREEMENT_SEATS)
    return NULL;
  self->meeting = g_strdup (meeting);
  for (guint i = 0; i < n_seats; i++)
    if ((*ret_reason = take_seat (self, &seats[i])) != NULL)
      return NULL;
  *ret_reason = "twice";
  if (has_twice (self))
    return NULL;
  qsort (self->seats, self->n_seats, sizeof self->seats[0], compare_numbers);
  *ret_reason = "own";
  own = hj_roster_find (self, own_seat);
  if (own < 0)
    return NULL;
  self->own = (guint)own;
  compute_hash (self);
  *ret_reason = NULL;
  return g_steal_pointer (&self);
}

void
hj_roster_free (HjRoster *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_seats; i++)
    {
      g_free (self->seats[i].seat);
      g_free (self->seats[i].role);
    }
  g_free (self->meeting);
  g_free (self);
}

/* Returns: (transfer none): our own seat. */
const HjRosterSeat *
hj_roster_own (const HjRoster *self)
{
  return &self->seats[self->own];
}

/* Which place the seat has in the order of the numbers; -1: none. */
int
hj_roster_find (const HjRoster *self, const char *seat)
{
  for (guint i = 0; i < self->n_seats; i++)
    if (strcmp (self->seats[i].seat, seat) == 0)
      return (int)i;
  return -1;
}

/* Whether the very same seat, with number and identity, is in it. */
gboolean
hj_roster_has_same (const HjRoster *self, const HjRosterSeat *seat)
{
  int at = hj_roster_find (self, seat->seat);

  return at >= 0 && self->seats[at].number == seat->number
         && memcmp (self->seats[at].identity, seat->identity, HJ_SPKI_SIZE) == 0;
}
