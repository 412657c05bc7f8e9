/* SPDX-License-Identifier: Apache-2.0 */
/* Control-link messages: what one side writes the other reads, and nothing else is read. */

#include <string.h>

#include "src/base/ids.h"
#include "src/base/link.h"
#include "src/base/refusal.h"

#define ROOM "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SEAT "bbbbbbbbbbbbbbbbbbbbbbbbbb"

static HjLinkMessage *
there_and_back (const HjLinkMessage *message, HjLinkSide from)
{
  g_autofree char *text = hj_link_encode (message);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  HjLinkMessage *copy = hj_link_decode (text, strlen (text), from, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (copy->verb, ==, message->verb);
  again = hj_link_encode (copy);
  g_assert_cmpstr (again, ==, text);
  return copy;
}

static void
register_survives_the_wire (void)
{
  g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_REGISTER);
  g_autoptr (HjLinkMessage) copy = NULL;
  const HjLinkRoom *room = NULL;
  HjLinkRoom *made = NULL;

  message->node = g_strdup ("media-1.example");
  message->boot = g_strdup (ROOM);
  message->capacity = 320;
  message->next_event = 7;
  message->draining = TRUE;
  made = hj_link_add_room (message, ROOM);
  hj_link_add_seat (made, SEAT, 4, TRUE, FALSE);
  hj_link_add_room (message, SEAT);
  copy = there_and_back (message, HJ_LINK_FROM_MEDIA);
  g_assert_cmpint (copy->rooms->len, ==, 2);
  g_assert_true (copy->draining);
  room = &g_array_index (copy->rooms, HjLinkRoom, 0);
  g_assert_cmpstr (room->room, ==, ROOM);
  g_assert_cmpint (g_array_index (room->seats, HjLinkSeat, 0).number, ==, 4);
  g_assert_true (g_array_index (room->seats, HjLinkSeat, 0).connected);
  g_assert_false (g_array_index (room->seats, HjLinkSeat, 0).admitted);
}

static void
replies_survive_the_wire (void)
{
  g_autoptr (HjLinkMessage) ok = hj_link_reply_ok (3, "v=0\r\n");
  g_autoptr (HjLinkMessage) bare = hj_link_reply_ok (4, NULL);
  g_autoptr (HjLinkMessage) refused = hj_link_reply_refused (5, HJ_LINK_BAD_OFFER, "mid: missing");
  g_autoptr (HjLinkMessage) ok_copy = there_and_back (ok, HJ_LINK_FROM_MEDIA);
  g_autoptr (HjLinkMessage) bare_copy = there_and_back (bare, HJ_LINK_FROM_MEDIA);
  g_autoptr (HjLinkMessage) refused_copy = there_and_back (refused, HJ_LINK_FROM_MEDIA);

  g_assert_cmpstr (ok_copy->answer, ==, "v=0\r\n");
  g_assert_null (bare_copy->answer);
  g_assert_false (refused_copy->ok);
  g_assert_cmpint (refused_copy->code, ==, HJ_LINK_BAD_OFFER);
  g_assert_cmpstr (refused_copy->detail, ==, "mid: missing");
}

static void
each_event_survives_the_wire (void)
{
  for (int kind = 0; kind < HJ_LINK_N_EVENTS; kind++)
    {
      g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_EVENT);
      g_autoptr (HjLinkMessage) copy = NULL;

      message->n = 9;
      message->at_us = G_GINT64_CONSTANT (1790000000000000);
      message->kind = (HjLinkEventKind)kind;
      message->room = g_strdup (ROOM);
      message->seat = g_strdup (SEAT);
      copy = there_and_back (message, HJ_LINK_FROM_MEDIA);
      g_assert_cmpint (copy->kind, ==, kind);
      g_assert_cmpint (copy->at_us, ==, message->at_us);
    }
}

static void
statistics_survive_the_wire (void)
{
  g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_STATISTICS);
  g_autoptr (HjLinkMessage) copy = NULL;

  message->packets_in = 10;
  message->packets_out = 20;
  hj_link_add_drop (message, "srtp-auth", 1);
  hj_link_add_drop (message, "srtp-auth", 2);
  hj_link_add_leg (message, ROOM, SEAT, 5, 6)->numbers[HJ_LINK_LEG_RTT_US] = 20000;
  copy = there_and_back (message, HJ_LINK_FROM_MEDIA);
  g_assert_cmpstr (g_array_index (copy->dropped, HjLinkDrop, 0).reason, ==, "srtp-auth");
  g_assert_cmpint (g_array_index (copy->dropped, HjLinkDrop, 0).packets, ==, 3);
  g_assert_cmpint (g_array_index (copy->legs, HjLinkLeg, 0).packets_out, ==, 6);
  g_assert_cmpint (g_array_index (copy->legs, HjLinkLeg, 0).numbers[HJ_LINK_LEG_RTT_US], ==, 20000);
}

/* As many as a relay may have, with the longest numbers: it could not register again otherwise. */
static void
a_full_relay_fits_into_a_message (void)
{
  g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_REGISTER);
  g_autoptr (HjLinkMessage) statistics = hj_link_message_new (HJ_LINK_STATISTICS);
  g_autoptr (HjLinkMessage) copy = NULL;
  g_autoptr (HjLinkMessage) statistics_copy = NULL;

  message->node = g_strdup ("media-1.example");
  message->boot = g_strdup (ROOM);
  message->capacity = HJ_LINK_MAX_SEATS;
  message->next_event = G_MAXINT32;
  for (guint i = 0; i < HJ_LINK_MAX_SEATS; i++)
    {
      hj_link_add_seat (hj_link_add_room (message, ROOM), SEAT, 4, FALSE, FALSE);
      hj_link_add_leg (statistics, ROOM, SEAT, G_GINT64_CONSTANT (9007199254740991),
          G_GINT64_CONSTANT (9007199254740991));
    }
  copy = there_and_back (message, HJ_LINK_FROM_MEDIA);
  g_assert_cmpuint (copy->rooms->len, ==, HJ_LINK_MAX_SEATS);
  statistics_copy = there_and_back (statistics, HJ_LINK_FROM_MEDIA);
  g_assert_cmpuint (statistics_copy->legs->len, ==, HJ_LINK_MAX_SEATS);
}

static HjLinkMessage *
add_leg_new (gboolean cm)
{
  HjLinkMessage *message = hj_link_message_new (HJ_LINK_ADD_LEG);

  message->id = 1;
  message->room = g_strdup (ROOM);
  message->seat = g_strdup (SEAT);
  message->number = 2;
  message->offer = g_strdup ("v=0\r\n");
  message->cm = cm;
  return message;
}

static void
add_leg_survives_the_wire (void)
{
  g_autoptr (HjLinkMessage) gcm = add_leg_new (FALSE);
  g_autoptr (HjLinkMessage) cm = add_leg_new (TRUE);
  g_autoptr (HjLinkMessage) gcm_copy = there_and_back (gcm, HJ_LINK_FROM_HUIJIAND);
  g_autoptr (HjLinkMessage) cm_copy = there_and_back (cm, HJ_LINK_FROM_HUIJIAND);

  g_assert_false (gcm_copy->cm);
  g_assert_true (cm_copy->cm);
  g_assert_cmpint (cm_copy->number, ==, 2);
  g_assert_true (hj_link_is_request (cm_copy->verb));
}

static void
orders_survive_the_wire (void)
{
  static const HjLinkVerb VERBS[] = { HJ_LINK_WELCOME, HJ_LINK_OPEN_ROOM, HJ_LINK_ADMIT,
    HJ_LINK_REMOVE_LEG, HJ_LINK_CLOSE_ROOM, HJ_LINK_ACK };

  for (gsize i = 0; i < G_N_ELEMENTS (VERBS); i++)
    {
      g_autoptr (HjLinkMessage) message = hj_link_message_new (VERBS[i]);
      g_autoptr (HjLinkMessage) copy = NULL;

      message->id = message->n = message->last_event = 12;
      message->room = g_strdup (ROOM);
      message->seat = g_strdup (SEAT);
      if (VERBS[i] == HJ_LINK_ADMIT)
        g_ptr_array_add (message->seats, g_strdup (SEAT));
      copy = there_and_back (message, HJ_LINK_FROM_HUIJIAND);
    }
}

/* Each is refused with the member's name. */
static const struct
{
  const char *text;
  HjLinkSide from;
  const char *member;
} REFUSED[] = {
  { "{}", HJ_LINK_FROM_HUIJIAND, "verb" },
  { "{\"verb\":7}", HJ_LINK_FROM_HUIJIAND, "verb" },
  { "{\"verb\":\"dance\"}", HJ_LINK_FROM_HUIJIAND, "verb" },
  { "{\"verb\":\"register\"}", HJ_LINK_FROM_HUIJIAND, "verb" },
  { "{\"verb\":\"ack\",\"n\":1}", HJ_LINK_FROM_MEDIA, "verb" },
  { "{\"verb\":\"ack\"}", HJ_LINK_FROM_HUIJIAND, "n" },
  { "{\"verb\":\"ack\",\"n\":\"1\"}", HJ_LINK_FROM_HUIJIAND, "n" },
  { "{\"verb\":\"ack\",\"n\":1.5}", HJ_LINK_FROM_HUIJIAND, "n" },
  { "{\"verb\":\"ack\",\"n\":0}", HJ_LINK_FROM_HUIJIAND, "n" },
  { "{\"verb\":\"ack\",\"n\":-4}", HJ_LINK_FROM_HUIJIAND, "n" },
  { "{\"verb\":\"welcome\",\"v\":2,\"last_event\":0}", HJ_LINK_FROM_HUIJIAND, "v" },
  { "{\"verb\":\"welcome\",\"last_event\":0}", HJ_LINK_FROM_HUIJIAND, "v" },
  { "{\"verb\":\"open-room\",\"room\":\"" ROOM "\"}", HJ_LINK_FROM_HUIJIAND, "id" },
  { "{\"verb\":\"open-room\",\"id\":1,\"room\":\"short\"}", HJ_LINK_FROM_HUIJIAND, "room" },
  { "{\"verb\":\"open-room\",\"id\":1,\"room\":[]}", HJ_LINK_FROM_HUIJIAND, "room" },
  { "{\"verb\":\"add-leg\",\"id\":1,\"room\":\"" ROOM "\",\"seat\":\"" SEAT
    "\",\"number\":5,\"offer\":\"v\"}",
      HJ_LINK_FROM_HUIJIAND, "number" },
  { "{\"verb\":\"add-leg\",\"id\":1,\"room\":\"" ROOM "\",\"seat\":\"" SEAT
    "\",\"number\":-1,\"offer\":\"v\"}",
      HJ_LINK_FROM_HUIJIAND, "number" },
  { "{\"verb\":\"add-leg\",\"id\":1,\"room\":\"" ROOM "\",\"seat\":\"" SEAT
    "\",\"number\":1,\"offer\":\"\"}",
      HJ_LINK_FROM_HUIJIAND, "offer" },
  { "{\"verb\":\"add-leg\",\"id\":1,\"room\":\"" ROOM "\",\"seat\":\"" SEAT
    "\",\"number\":1,\"offer\":\"v\",\"srtp\":\"null\"}",
      HJ_LINK_FROM_HUIJIAND, "srtp" },
  { "{\"verb\":\"admit\",\"id\":1,\"room\":\"" ROOM "\",\"seats\":[]}", HJ_LINK_FROM_HUIJIAND,
      "seats" },
  { "{\"verb\":\"admit\",\"id\":1,\"room\":\"" ROOM "\",\"seats\":[1]}", HJ_LINK_FROM_HUIJIAND,
      "seats" },
  { "{\"verb\":\"admit\",\"id\":1,\"room\":\"" ROOM "\",\"seats\":{}}", HJ_LINK_FROM_HUIJIAND,
      "seats" },
  { "{\"verb\":\"reply\",\"re\":1}", HJ_LINK_FROM_MEDIA, "ok" },
  { "{\"verb\":\"reply\",\"re\":1,\"ok\":1}", HJ_LINK_FROM_MEDIA, "ok" },
  { "{\"verb\":\"reply\",\"re\":1,\"ok\":true,\"answer\":7}", HJ_LINK_FROM_MEDIA, "answer" },
  { "{\"verb\":\"reply\",\"re\":1,\"ok\":false}", HJ_LINK_FROM_MEDIA, "code" },
  { "{\"verb\":\"reply\",\"re\":1,\"ok\":false,\"code\":\"no\"}", HJ_LINK_FROM_MEDIA, "code" },
  { "{\"verb\":\"event\",\"n\":1,\"at_us\":1,\"kind\":\"lost\",\"room\":\"" ROOM
    "\",\"seat\":\"" SEAT "\"}",
      HJ_LINK_FROM_MEDIA, "kind" },
  { "{\"verb\":\"event\",\"n\":1,\"at_us\":-1,\"kind\":\"gone\",\"room\":\"" ROOM
    "\",\"seat\":\"" SEAT "\"}",
      HJ_LINK_FROM_MEDIA, "at_us" },
  { "{\"verb\":\"register\",\"v\":1,\"node\":\"a b\",\"boot\":\"" ROOM
    "\",\"rooms\":[],\"capacity\":1,\"next_event\":1}",
      HJ_LINK_FROM_MEDIA, "node" },
  { "{\"verb\":\"register\",\"v\":1,\"node\":\"a\",\"boot\":\"" ROOM
    "\",\"rooms\":[3],\"capacity\":1,\"next_event\":1}",
      HJ_LINK_FROM_MEDIA, "room" },
  { "{\"verb\":\"register\",\"v\":1,\"node\":\"a\",\"boot\":\"" ROOM
    "\",\"rooms\":[{\"room\":\"" ROOM "\",\"seats\":[{}]}],\"capacity\":1,\"next_event\":1}",
      HJ_LINK_FROM_MEDIA, "seat" },
  { "{\"verb\":\"statistics\",\"packets_in\":1,\"packets_out\":1,\"dropped\":[],\"legs\":[]}",
      HJ_LINK_FROM_MEDIA, "dropped" },
  { "{\"verb\":\"statistics\",\"packets_in\":1,\"packets_out\":1,\"dropped\":{\"a\":-1},\"legs\":[]"
    "}",
      HJ_LINK_FROM_MEDIA, "dropped" },
  { "{\"verb\":\"statistics\",\"packets_in\":1,\"packets_out\":1,\"dropped\":{},\"legs\":[{"
    "\"room\":\"" ROOM "\",\"seat\":\"" SEAT
    "\",\"packets_in\":1,\"packets_out\":1,\"rtt_us\":-1}]}",
      HJ_LINK_FROM_MEDIA, "rtt_us" },
  { "{\"verb\":\"statistics\",\"packets_in\":1,\"packets_out\":1,\"dropped\":{},\"legs\":[{}]}",
      HJ_LINK_FROM_MEDIA, "room" },
};

static void
wrong_members_are_named (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (REFUSED); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hj_link_decode (
          REFUSED[i].text, strlen (REFUSED[i].text), REFUSED[i].from, NULL, &error));
      g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
      g_assert_cmpstr (error->message, ==, REFUSED[i].member);
    }
}

static void
what_is_not_an_object_is_refused (void)
{
  static const char *const TEXTS[] = { "", "[]", "null", "{", "{\"verb\":\"ack\",\"n\":1}x",
    "{\"verb\":\"ack\",\"n\":1,\"n\":2}", "\xff\xfe" };

  for (gsize i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          hj_link_decode (TEXTS[i], strlen (TEXTS[i]), HJ_LINK_FROM_HUIJIAND, NULL, &error));
      g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
    }
}

static void
oversize_and_deep_messages_are_refused (void)
{
  g_autofree char *filler = g_strnfill (HJ_LINK_MAX_BYTES, ' ');
  g_autofree char *large = g_strconcat ("{\"verb\":\"ack\",\"n\":1}", filler, NULL);
  g_autofree char *offer = g_strnfill (64 * 1024 + 1, 'v');
  g_autofree char *long_offer = g_strconcat ("{\"verb\":\"add-leg\",\"id\":1,\"room\":\"" ROOM
                                             "\",\"seat\":\"" SEAT "\",\"number\":1,\"offer\":\"",
      offer, "\"}", NULL);
  g_autofree char *deep = g_strconcat (
      "{\"verb\":\"ack\",\"n\":1,\"x\":", "[[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]]", "}", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (hj_link_decode (large, strlen (large), HJ_LINK_FROM_HUIJIAND, NULL, NULL));
  g_assert_null (hj_link_decode (deep, strlen (deep), HJ_LINK_FROM_HUIJIAND, NULL, NULL));
  g_assert_null (
      hj_link_decode (long_offer, strlen (long_offer), HJ_LINK_FROM_HUIJIAND, NULL, &error));
  g_assert_cmpstr (error->message, ==, "offer");
}

static void
unknown_members_are_ignored (void)
{
  static const char TEXT[] = "{\"verb\":\"ack\",\"n\":4,\"later\":{\"x\":[1]}}";
  g_autoptr (HjLinkMessage) message
      = hj_link_decode (TEXT, strlen (TEXT), HJ_LINK_FROM_HUIJIAND, NULL, NULL);

  g_assert_nonnull (message);
  g_assert_cmpint (message->n, ==, 4);
}

static void
the_id_of_a_refused_request_is_told (void)
{
  static const char TEXT[] = "{\"verb\":\"open-room\",\"id\":77,\"room\":\"?\"}";
  static const char NONE[] = "{\"verb\":\"open-room\",\"id\":\"77\"}";
  gint64 id = -1;

  g_assert_null (hj_link_decode (TEXT, strlen (TEXT), HJ_LINK_FROM_HUIJIAND, &id, NULL));
  g_assert_cmpint (id, ==, 77);
  g_assert_null (hj_link_decode (NONE, strlen (NONE), HJ_LINK_FROM_HUIJIAND, &id, NULL));
  g_assert_cmpint (id, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/register-survives-the-wire", register_survives_the_wire);
  g_test_add_func ("/link/replies-survive-the-wire", replies_survive_the_wire);
  g_test_add_func ("/link/each-event-survives-the-wire", each_event_survives_the_wire);
  g_test_add_func ("/link/statistics-survive-the-wire", statistics_survive_the_wire);
  g_test_add_func ("/link/a-full-relay-fits-into-a-message", a_full_relay_fits_into_a_message);
  g_test_add_func ("/link/add-leg-survives-the-wire", add_leg_survives_the_wire);
  g_test_add_func ("/link/orders-survive-the-wire", orders_survive_the_wire);
  g_test_add_func ("/link/wrong-members-are-named", wrong_members_are_named);
  g_test_add_func ("/link/what-is-not-an-object-is-refused", what_is_not_an_object_is_refused);
  g_test_add_func (
      "/link/oversize-and-deep-messages-are-refused", oversize_and_deep_messages_are_refused);
  g_test_add_func ("/link/unknown-members-are-ignored", unknown_members_are_ignored);
  g_test_add_func (
      "/link/the-id-of-a-refused-request-is-told", the_id_of_a_refused_request_is_told);
  return g_test_run ();
}
