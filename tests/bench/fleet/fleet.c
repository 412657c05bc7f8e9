/* SPDX-License-Identifier: Apache-2.0 */
/* hj-fleet: many WebRTC clients in one process, for ./dev bench media. The driver (tests/bench/media) does the signalling and
 * says on standard input, a line each, who there is and what to do:
 *   client N UFRAG PWD THEIR-UFRAG THEIR-PWD FINGERPRINT ADDRESS PORT server|client 0|1 SSRC SSRC PT PT MID MID MID-ID TWCC-ID
 *   plain N ADDRESS PORT M        no protocol: fixed keys, reads what client M sends; ADDRESS "-": M itself
 *   connect MS                    until all are connected
 *   run WARM-MS MS PID            sends, measures the processor time of PID, prints one JSON object */

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/bench/fleet/traffic.h"

#define MS G_GINT64_CONSTANT (1000000)
#define AT_ONCE 32 /* handshakes */

static const gint64 PERIODS_NS[N_KINDS] = { 20 * MS, 1000 * MS / 30 };

typedef struct
{
  guint client;
  gint64 phase_ns;
} Turn;

/* Whose turn it is: everybody's events of one kind in the order of their phases, round and round. */
typedef struct
{
  Turn *turns;
  guint n;
  guint at;
  gint64 round_ns; /* when the present round began */
} Ring;

typedef struct
{
  FleetNet *net;
  HjDtlsIdentity *identity;
  Client *clients[FLEET_MAX_CLIENTS];
  guint n_clients;
  Traffic *traffic;
  Ring rings[N_KINDS];
} Fleet;

static gint64
process_ns (clockid_t clock)
{
  struct timespec spent = { 0 };

  clock_gettime (clock, &spent);
  return spent.tv_sec * G_GINT64_CONSTANT (1000000000) + spent.tv_nsec;
}

static void
take (gpointer user, guint index, guint8 *data, gsize length, gint64 arrival_ns)
{
  Fleet *self = user;
  Client *client = index < FLEET_MAX_CLIENTS ? self->clients[index] : NULL;
  gsize plain = 0;
  guint8 *packet = client != NULL ? client_take (client, data, length, &plain) : NULL;

  if (packet != NULL)
    traffic_take (self->traffic, client, packet, plain, arrival_ns);
}

static void
pause_ns (gint64 span_ns)
{
  struct timespec span = { 0, span_ns };

  clock_nanosleep (CLOCK_MONOTONIC, 0, &span, NULL);
}

static void
add_client (Fleet *self, guint index, const ClientTerms *terms)
{
  g_assert (index < FLEET_MAX_CLIENTS && self->clients[index] == NULL);
  self->clients[index] = g_new0 (Client, 1);
  client_init (self->clients[index], index, terms, self->net, self->identity);
  self->n_clients = MAX (self->n_clients, index + 1);
}

static guint
number (char **words, guint index)
{
  return (guint)g_ascii_strtoull (words[index], NULL, 10);
}

static void
copy_word (char *out, gsize size, const char *word)
{
  if (g_strlcpy (out, g_str_equal (word, "-") ? "" : word, size) >= size)
    g_error ("too long: %s", word);
}

static void
on_client (Fleet *self, char **words)
{
  ClientTerms terms = { 0 };

  copy_word (terms.ufrag, sizeof terms.ufrag, words[2]);
  copy_word (terms.pwd, sizeof terms.pwd, words[3]);
  copy_word (terms.remote_ufrag, sizeof terms.remote_ufrag, words[4]);
  copy_word (terms.remote_pwd, sizeof terms.remote_pwd, words[5]);
  g_snprintf (terms.remote_fingerprint, sizeof terms.remote_fingerprint, "sha-256 %s", words[6]);
  if (!hj_address_parse (&terms.remote, words[7], (guint16)number (words, 8)))
    g_error ("no address: %s", words[7]);
  terms.role = g_str_equal (words[9], "server") ? HJ_DTLS_SERVER : HJ_DTLS_CLIENT;
  terms.publishes = number (words, 10) != 0;
  for (guint kind = 0; kind < N_KINDS; kind++)
    {
      terms.ssrcs[kind] = number (words, 11 + kind);
      terms.payload_types[kind] = number (words, 13 + kind);
      copy_word (terms.mids[kind], sizeof terms.mids[kind], words[15 + kind]);
    }
  terms.mid_id = number (words, 17);
  terms.twcc_id = number (words, 18);
  add_client (self, number (words, 1), &terms);
}

static void
on_plain (Fleet *self, char **words)
{
  guint index = number (words, 1);
  guint other = number (words, 4);
  ClientTerms terms = { .publishes = TRUE,
    .ssrcs = { 2 * index + 1, 2 * index + 2 },
    .payload_types = { 111, 96 },
    .mids = { "0", "1" },
    .mid_id = 4,
    .twcc_id = 3 };

  if (g_str_equal (words[2], "-"))
    fleet_net_get_address (self->net, other, &terms.remote);
  else if (!hj_address_parse (&terms.remote, words[2], (guint16)number (words, 3)))
    g_error ("no address: %s", words[2]);
  add_client (self, index, &terms);
  client_use_fixed_keys (self->clients[index], other);
}

static guint
tick_waiting (Fleet *self, guint *n_failed)
{
  gint64 now_ns = fleet_now_ns ();
  guint n = 0;

  *n_failed = 0;
  for (guint i = 0; i < self->n_clients; i++)
    if (self->clients[i] != NULL && !client_is_ready (self->clients[i]))
      {
        *n_failed += self->clients[i]->failed;
        if (n++ < AT_ONCE)
          client_tick (self->clients[i], now_ns);
      }
  return n;
}

static void
on_connect (Fleet *self, char **words)
{
  gint64 end_ns = fleet_now_ns () + number (words, 1) * MS;
  guint failed = 0;
  guint waiting = tick_waiting (self, &failed);

  while (waiting > 0 && failed == 0 && fleet_now_ns () < end_ns)
    {
      while (fleet_net_receive (self->net, take, self) > 0)
        continue;
      waiting = tick_waiting (self, &failed);
      pause_ns (MS / 2);
    }
  printf ("{\"waiting\": %u, \"failed\": %u}\n", waiting, failed);
}

static int
compare_turns (gconstpointer a, gconstpointer b)
{
  gint64 difference = ((const Turn *)a)->phase_ns - ((const Turn *)b)->phase_ns;

  return difference < 0 ? -1 : difference > 0;
}

/* Phases are drawn anew for each kind, the same ones in every run. */
static void
fill_rings (Fleet *self, gint64 now_ns)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint kind = 0; kind < N_KINDS; kind++)
    {
      Ring *ring = &self->rings[kind];

      *ring = (Ring){ .turns = g_new0 (Turn, self->n_clients), .round_ns = now_ns };
      for (guint i = 0; i < self->n_clients; i++)
        if (self->clients[i] != NULL && self->clients[i]->terms.publishes)
          ring->turns[ring->n++]
              = (Turn){ i, (gint64)(g_rand_double (rand) * (double)PERIODS_NS[kind]) };
      qsort (ring->turns, ring->n, sizeof *ring->turns, compare_turns);
    }
  /* The pictures begin one after another within half a second; then key frames are spread. */
  for (guint i = 0; i < self->n_clients; i++)
    if (self->clients[i] != NULL)
      self->clients[i]->starts_ns = now_ns + g_rand_int_range (rand, 0, 500) * MS;
}

static gint64
due_ns (const Ring *ring)
{
  return ring->n > 0 ? ring->round_ns + ring->turns[ring->at].phase_ns : G_MAXINT64;
}

static void
take_turns (Fleet *self, guint kind, gint64 now_ns)
{
  Ring *ring = &self->rings[kind];

  while (due_ns (ring) <= now_ns)
    {
      Client *client = self->clients[ring->turns[ring->at].client];

      if (now_ns < client->starts_ns)
        ; /* not yet */
      else if (kind == AUDIO)
        traffic_send_audio (self->traffic, client);
      else
        traffic_send_video (self->traffic, client);
      if (++ring->at == ring->n)
        {
          ring->at = 0;
          ring->round_ns += PERIODS_NS[kind];
        }
    }
}

/* Everybody's timers, a part of the clients each time, so that they do not all speak at once. */
static void
tick_some (Fleet *self, guint *at, gint64 now_ns)
{
  for (guint n = 0; n < 1 + self->n_clients / 16 && self->n_clients > 0; n++)
    {
      *at = (*at + 1) % self->n_clients;
      if (self->clients[*at] != NULL)
        client_tick (self->clients[*at], now_ns);
    }
}

static void
drive (Fleet *self, gint64 until_ns)
{
  gint64 now_ns = fleet_now_ns ();
  gint64 next_tick_ns = now_ns;
  guint ticked = 0;

  for (; now_ns < until_ns; now_ns = fleet_now_ns ())
    {
      gint64 due = 0;

      for (guint kind = 0; kind < N_KINDS; kind++)
        take_turns (self, kind, now_ns);
      fleet_net_receive (self->net, take, self);
      if (now_ns >= next_tick_ns)
        {
          tick_some (self, &ticked, now_ns);
          next_tick_ns = now_ns + MS;
        }
      due = MIN (due_ns (&self->rings[AUDIO]), due_ns (&self->rings[VIDEO]));
      due = MIN (due, MIN (next_tick_ns, until_ns)) - fleet_now_ns ();
      if (due > 5000)
        pause_ns (due);
    }
}

static void
print_run (const Fleet *self, gint64 server_ns, gint64 fleet_ns, gint64 span_ns, guint64 dropped)
{
  const Traffic *traffic = self->traffic;

  printf ("{\"sent\": %" G_GUINT64_FORMAT ", \"received\": %" G_GUINT64_FORMAT
          ", \"keys\": %" G_GUINT64_FORMAT ", \"fleet_dropped\": %" G_GUINT64_FORMAT
          ", \"span_us\": %" G_GINT64_FORMAT ", \"server_us\": %" G_GINT64_FORMAT
          ", \"fleet_us\": %" G_GINT64_FORMAT ", \"delay_us_p50\": %u, \"delay_us_p99\": %u}\n",
      traffic->sent, traffic->received, traffic->keys, dropped, span_ns / 1000, server_ns / 1000,
      fleet_ns / 1000, traffic_get_delay_us (traffic, 0.50), traffic_get_delay_us (traffic, 0.99));
}

static void
on_run (Fleet *self, char **words)
{
  clockid_t server = CLOCK_PROCESS_CPUTIME_ID;
  guint64 dropped = fleet_net_count_dropped (self->net);
  gint64 server_ns = 0;
  gint64 fleet_ns = 0;
  gint64 began_ns = fleet_now_ns ();

  if (number (words, 3) != 0 && clock_getcpuclockid ((pid_t)number (words, 3), &server) != 0)
    g_error ("no such process");
  memset (self->traffic, 0, sizeof *self->traffic);
  self->traffic->from_ns = began_ns + number (words, 1) * MS;
  self->traffic->to_ns = self->traffic->from_ns + number (words, 2) * MS;
  fill_rings (self, began_ns);
  drive (self, self->traffic->from_ns);
  began_ns = fleet_now_ns ();
  server_ns = process_ns (server);
  fleet_ns = process_ns (CLOCK_PROCESS_CPUTIME_ID);
  drive (self, self->traffic->to_ns);
  server_ns = process_ns (server) - server_ns;
  fleet_ns = process_ns (CLOCK_PROCESS_CPUTIME_ID) - fleet_ns;
  began_ns = fleet_now_ns () - began_ns;
  drive (self, fleet_now_ns () + 300 * MS); /* what is still on its way; the load goes on */
  print_run (self, server_ns, fleet_ns, began_ns, fleet_net_count_dropped (self->net) - dropped);
  for (guint kind = 0; kind < N_KINDS; kind++)
    g_clear_pointer (&self->rings[kind].turns, g_free);
}

static void
obey (Fleet *self, char **words)
{
  static const struct
  {
    const char *verb;
    guint n_words;
    void (*act) (Fleet *self, char **words);
  } verbs[] = { { "client", 19, on_client }, { "plain", 5, on_plain }, { "connect", 2, on_connect },
    { "run", 4, on_run } };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (words[0], verbs[i].verb) && g_strv_length (words) == verbs[i].n_words)
      {
        verbs[i].act (self, words);
        return;
      }
  g_error ("not understood: %s", words[0]);
}

/* A fingerprint for all, and the ports of the sockets that clients take in turns. */
static void
greet (const Fleet *self)
{
  printf ("%s", hj_dtls_identity_get_fingerprint (self->identity));
  for (guint i = 0; i < FLEET_SOCKETS; i++)
    {
      HjAddress address;

      fleet_net_get_address (self->net, i, &address);
      printf (" %u", hj_address_get_port (&address));
    }
  printf ("\n");
}

int
main (void)
{
  Fleet *self = g_new0 (Fleet, 1);
  g_autoptr (GError) error = NULL;
  char line[2048];

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  prctl (PR_SET_TIMERSLACK, 1000);
  setvbuf (stdout, NULL, _IOLBF, 0);
  self->net = fleet_net_open ();
  self->traffic = g_new0 (Traffic, 1);
  self->identity = hj_dtls_identity_new (&error);
  if (self->identity == NULL)
    g_error ("%s", error->message);
  greet (self);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_auto (GStrv) words = g_strsplit (g_strstrip (line), " ", -1);

      obey (self, words);
    }
  for (guint i = 0; i < self->n_clients; i++)
    if (self->clients[i] != NULL)
      {
        client_clear (self->clients[i]);
        g_free (self->clients[i]);
      }
  fleet_net_close (self->net);
  hj_dtls_identity_free (self->identity);
  g_free (self->traffic);
  g_free (self);
  return 0;
}
