/* SPDX-License-Identifier: Apache-2.0 */
/* One end's key agreement behind JSON lines, for tests in which the server between two implementations is the test. Each line on
 * standard input is a command; what it makes the agreement say comes out line by line, and then {"say":"done"}.
 *   {"do":"new","role"}  {"do":"offer","highest"}  {"do":"receive","from","body","at_us"}  {"do":"tick","at_us"}
 *   {"do":"roster","meeting","seat","number","seats":[{"seat","number","role","identity"}],"at_us"} */

#include "tests/peer/agreement.h"

#include <jansson.h>
#include <stdio.h>

#include "src/base/ids.h"
#include "tests/peer/identity.h"

typedef struct
{
  HjIdentity *identity;
  HjAgreement *agreement;
} Agree;

static void
say (json_t *line)
{
  json_dumpf (line, stdout, JSON_COMPACT);
  putchar ('\n');
  json_decref (line);
}

static json_t *
key_text (const guint8 *key)
{
  g_autofree char *text = hj_base64url (key, HJ_AGREEMENT_KEY_SIZE);

  return json_string (text);
}

static void
on_send (const char *to, const char *body, gpointer user)
{
  say (json_pack ("{s:s, s:s?, s:s}", "say", "send", "to", to, "body", body));
}

static gboolean
on_sign (const guint8 *statement, gsize size, guint8 *signature, gpointer user)
{
  const Agree *self = user;

  return hj_identity_sign (self->identity, statement, size, signature);
}

static void
on_random (guint8 *bytes, gsize size, gpointer user)
{
  hj_random (bytes, size);
}

static void
on_epoch (const HjAgreementEpoch *epoch, gpointer user)
{
  json_t *members = json_array ();

  for (guint i = 0; i < epoch->n_members; i++)
    json_array_append_new (
        members, json_pack ("{s:i, s:s, s:o}", "number", (int)epoch->members[i].number, "seat",
                     epoch->members[i].seat, "key", key_text (epoch->members[i].base_key)));
  say (json_pack ("{s:s, s:I, s:i, s:s, s:o, s:o}", "say", "epoch", "epoch",
      (json_int_t)epoch->epoch, "suite", (int)epoch->suite, "code", epoch->code, "own",
      key_text (epoch->own_key), "members", members));
}

static void
on_gone (guint number, gpointer user)
{
  say (json_pack ("{s:s, s:i}", "say", "gone", "number", (int)number));
}

static void
on_alone (gpointer user)
{
  say (json_pack ("{s:s}", "say", "alone"));
}

static void
on_refused (const char *reason, const char *from, gpointer user)
{
  say (json_pack ("{s:s, s:s, s:s?}", "say", "refused", "reason", reason, "from", from));
}

static void
on_stopped (const char *reason, gpointer user)
{
  say (json_pack ("{s:s, s:s}", "say", "stopped", "reason", reason));
}

static const HjAgreementPort PORT
    = { on_send, on_sign, on_random, on_epoch, on_gone, on_alone, on_refused, on_stopped };

static gint64
time_of (json_t *command)
{
  return json_integer_value (json_object_get (command, "at_us"));
}

static const char *
text_of (json_t *object, const char *member)
{
  const char *text = json_string_value (json_object_get (object, member));

  return text != NULL ? text : "";
}

static guint
number_of (json_t *object, const char *member)
{
  return (guint)json_integer_value (json_object_get (object, member));
}

static void
take_roster (Agree *self, json_t *command)
{
  g_autoptr (GArray) seats = g_array_new (FALSE, TRUE, sizeof (HjAgreementSeat));
  size_t i;
  json_t *one;

  json_array_foreach (json_object_get (command, "seats"), i, one)
  {
    HjAgreementSeat seat = { text_of (one, "seat"), number_of (one, "number"),
      text_of (one, "role"), json_string_value (json_object_get (one, "identity")) };

    g_array_append_val (seats, seat);
  }
  hj_agreement_set_roster (self->agreement, text_of (command, "meeting"), text_of (command, "seat"),
      number_of (command, "number"), (const HjAgreementSeat *)(void *)seats->data, seats->len,
      time_of (command));
}

static void
make_new (Agree *self, json_t *command)
{
  g_clear_pointer (&self->agreement, hj_agreement_free);
  self->agreement = hj_agreement_new (
      text_of (command, "role"), hj_identity_public (self->identity), &PORT, self);
}

static gboolean
obey (Agree *self, json_t *command)
{
  const char *verb = text_of (command, "do");

  if (g_str_equal (verb, "new"))
    make_new (self, command);
  else if (self->agreement == NULL)
    return FALSE;
  else if (g_str_equal (verb, "roster"))
    take_roster (self, command);
  else if (g_str_equal (verb, "offer"))
    hj_agreement_offer (self->agreement, number_of (command, "highest"));
  else if (g_str_equal (verb, "receive"))
    hj_agreement_receive (
        self->agreement, text_of (command, "from"), text_of (command, "body"), time_of (command));
  else if (g_str_equal (verb, "tick"))
    hj_agreement_tick (self->agreement, time_of (command));
  else
    return FALSE;
  return TRUE;
}

int
main (void)
{
  Agree self = { .identity = hj_identity_new () };
  char line[65536];
  int result = 0;

  say (json_pack ("{s:s, s:s}", "say", "ready", "identity", hj_identity_public (self.identity)));
  fflush (stdout);
  while (result == 0 && fgets (line, sizeof line, stdin) != NULL)
    {
      json_t *command = json_loads (line, JSON_REJECT_DUPLICATES, NULL);

      if (command == NULL || !obey (&self, command))
        result = 2;
      json_decref (command);
      say (json_pack ("{s:s}", "say", result == 0 ? "done" : "no such command"));
      fflush (stdout);
    }
  hj_agreement_free (self.agreement);
  hj_identity_free (self.identity);
  return result;
}
