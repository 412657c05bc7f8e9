/* SPDX-License-Identifier: Apache-2.0 */
/* A node's numbers in the text format that Prometheus reads, 0.0.4 (docs/operations.md, Metrics). Labels are worker numbers
 * and words of ours: no room, seat or address, so that nobody reads a meeting off the graphs. A worker's counters start at 0
 * when it is started again; each is a series of its own, so that rates stay right. Pure: any thread. */

#include "media/metrics.h"

#include <unistd.h>

#define PREFIX "huijian_media_"

/* One number of a worker. */
typedef struct
{
  const char *name;
  const char *type;
  const char *help;
  guint64 (*get) (const HjWorkerMetrics *worker);
} Number;

static guint64
get_received (const HjWorkerMetrics *worker)
{
  return worker->tally.packets_in;
}

static guint64
get_forwarded (const HjWorkerMetrics *worker)
{
  return worker->tally.packets_out;
}

static guint64
get_bytes_in (const HjWorkerMetrics *worker)
{
  return worker->tally.counts[HJ_COUNT_BYTES_IN];
}

static guint64
get_bytes_out (const HjWorkerMetrics *worker)
{
  return worker->tally.counts[HJ_COUNT_BYTES_OUT];
}

static guint64
get_sent (const HjWorkerMetrics *worker)
{
  return worker->sent;
}

static guint64
get_lost (const HjWorkerMetrics *worker)
{
  return worker->lost;
}

static guint64
get_messages (const HjWorkerMetrics *worker)
{
  return worker->messages;
}

static guint64
get_kernel_drops (const HjWorkerMetrics *worker)
{
  return worker->kernel_drops;
}

static guint64
get_unusable (const HjWorkerMetrics *worker)
{
  return worker->unusable;
}

static guint64
get_rooms (const HjWorkerMetrics *worker)
{
  return worker->tally.rooms;
}

static guint64
get_seats (const HjWorkerMetrics *worker)
{
  return worker->tally.seats;
}

/* clang-format off */
static const Number NUMBERS[] = {
  { "received_packets_total", "counter", "Datagrams that came, used or not.", get_received },
  { "forwarded_packets_total", "counter", "Media packets sealed for a receiver.", get_forwarded },
  { "received_media_bytes_total", "counter", "Bytes of authentic media that came.", get_bytes_in },
  { "forwarded_media_bytes_total", "counter", "Bytes of media sealed for a receiver.", get_bytes_out },
  { "sent_packets_total", "counter", "Datagrams that the kernel took.", get_sent },
  { "sent_messages_total", "counter", "Messages of sendmmsg in which it took them.", get_messages },
  { "unsent_packets_total", "counter", "Datagrams that the kernel refused to send.", get_lost },
  { "kernel_dropped_packets_total", "counter", "Datagrams that came faster than the worker took them.", get_kernel_drops },
  { "unusable_packets_total", "counter", "Datagrams that were empty or too long; not among those received.", get_unusable },
  { "rooms", "gauge", "Rooms that are open.", get_rooms },
  { "seats", "gauge", "Seats that are taken.", get_seats },
};

/* What is counted for both directions. */
static const struct { const char *name; const char *help; HjCount in; HjCount out; } WAYS[] = {
  { "nacked_packets_total", "Packets asked for again: in, by receivers; out, of senders.", HJ_COUNT_NACKS_IN, HJ_COUNT_NACKS_OUT },
  { "retransmitted_packets_total", "Packets sent again: in, by senders; out, to receivers.", HJ_COUNT_RTX_IN, HJ_COUNT_RTX_OUT },
  { "keyframe_requests_total", "PLI and FIR: in, of receivers; out, to senders.", HJ_COUNT_PLIS_IN, HJ_COUNT_PLIS_OUT },
};
/* clang-format on */

static void
begin (GString *text, const char *name, const char *type, const char *help)
{
  g_string_append_printf (
      text, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

static void
write_alone (GString *text, const char *name, const char *type, const char *help, guint64 value)
{
  begin (text, name, type, help);
  g_string_append_printf (text, PREFIX "%s %" G_GUINT64_FORMAT "\n", name, value);
}

/* label: with its value, or "". */
static void
write_of_worker (GString *text, const char *name, guint worker, const char *label, guint64 value)
{
  g_string_append_printf (
      text, PREFIX "%s{worker=\"%u\"%s} %" G_GUINT64_FORMAT "\n", name, worker, label, value);
}

#define FOR_EACH_WORKER(metrics, i)                                                                \
  for (guint i = 0; i < (metrics)->n_workers; i++)                                                 \
    if ((metrics)->workers[i].here)

static void
write_numbers (GString *text, const HjMetrics *metrics)
{
  for (gsize k = 0; k < G_N_ELEMENTS (NUMBERS); k++)
    {
      begin (text, NUMBERS[k].name, NUMBERS[k].type, NUMBERS[k].help);
      FOR_EACH_WORKER (metrics, i)
      write_of_worker (text, NUMBERS[k].name, i, "", NUMBERS[k].get (&metrics->workers[i]));
    }
}

static void
write_ways (GString *text, const HjMetrics *metrics)
{
  for (gsize k = 0; k < G_N_ELEMENTS (WAYS); k++)
    {
      begin (text, WAYS[k].name, "counter", WAYS[k].help);
      FOR_EACH_WORKER (metrics, i)
      {
        const guint64 *counts = metrics->workers[i].tally.counts;

        write_of_worker (text, WAYS[k].name, i, ",direction=\"in\"", counts[WAYS[k].in]);
        write_of_worker (text, WAYS[k].name, i, ",direction=\"out\"", counts[WAYS[k].out]);
      }
    }
}

static void
write_drops (GString *text, const HjMetrics *metrics)
{
  begin (text, "dropped_packets_total", "counter",
      "Packets that were not used, or not forwarded to somebody, by reason.");
  FOR_EACH_WORKER (metrics, i)
  for (guint k = 0; k < HJ_DROP_N; k++)
    {
      g_autofree char *label = g_strdup_printf (",reason=\"%s\"", hj_drop_to_string ((HjDrop)k));

      write_of_worker (
          text, "dropped_packets_total", i, label, metrics->workers[i].tally.dropped[k]);
    }
}

static void
write_legs (GString *text, const HjMetrics *metrics)
{
  begin (text, "legs", "gauge", "Media connections by state.");
  FOR_EACH_WORKER (metrics, i)
  for (guint k = 0; k < HJ_TALLY_STATES; k++)
    {
      g_autofree char *label = g_strdup_printf (",state=\"%s\"", hj_tally_state_to_string (k));

      write_of_worker (text, "legs", i, label, metrics->workers[i].tally.legs[k]);
    }
}

/* A histogram: each bucket holds those below it too. */
static void
write_batches (GString *text, const HjMetrics *metrics)
{
  begin (text, "batch_packets", "histogram", "Datagrams that one wake-up of a worker brought.");
  FOR_EACH_WORKER (metrics, i)
  {
    const HjTally *tally = &metrics->workers[i].tally;
    guint64 sum = 0;

    for (guint k = 0; k < HJ_TALLY_BATCHES; k++)
      {
        g_autofree char *label = k + 1 < HJ_TALLY_BATCHES ? g_strdup_printf (",le=\"%u\"", 1u << k)
                                                          : g_strdup (",le=\"+Inf\"");

        sum += tally->batches[k];
        write_of_worker (text, "batch_packets_bucket", i, label, sum);
      }
    write_of_worker (text, "batch_packets_sum", i, "", tally->batched);
    write_of_worker (text, "batch_packets_count", i, "", sum);
  }
}

static void
write_load (GString *text, const HjMetrics *metrics)
{
  begin (text, "worker_cpu_seconds_total", "counter",
      "Processor time of a worker's thread: its rate is the share of a core.");
  FOR_EACH_WORKER (metrics, i)
  {
    g_autofree char *label = g_strdup_printf ("{worker=\"%u\"}", i);
    char value[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd (
        value, sizeof value, "%.6f", (double)metrics->workers[i].tally.cpu_us / G_TIME_SPAN_SECOND);
    g_string_append_printf (text, PREFIX "worker_cpu_seconds_total%s %s\n", label, value);
  }
  begin (text, "worker_restarts_total", "counter", "How often a failed worker was started again.");
  for (guint i = 0; i < metrics->n_workers; i++)
    write_of_worker (text, "worker_restarts_total", i, "", metrics->workers[i].restarts);
}

/* The name was checked when the link said it; a label may hold anything else than these. */
static void
write_info (GString *text, const char *node)
{
  g_autoptr (GString) escaped = g_string_new (node);

  g_string_replace (escaped, "\\", "\\\\", 0);
  g_string_replace (escaped, "\"", "\\\"", 0);
  g_string_replace (escaped, "\n", "\\n", 0);
  begin (text, "info", "gauge", "Which node and version this is; always 1.");
  g_string_append_printf (
      text, PREFIX "info{node=\"%s\",version=\"" HJ_VERSION "\"} 1\n", escaped->str);
}

/* The name that every program's memory has in Prometheus. */
static void
write_memory (GString *text)
{
  g_autofree char *statm = NULL;
  char **fields = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    return;
  fields = g_strsplit (statm, " ", 3);
  if (g_strv_length (fields) == 3)
    g_string_append_printf (text,
        "# HELP process_resident_memory_bytes Resident memory size in bytes.\n"
        "# TYPE process_resident_memory_bytes gauge\n"
        "process_resident_memory_bytes %" G_GUINT64_FORMAT "\n",
        g_ascii_strtoull (fields[1], NULL, 10) * (guint64)sysconf (_SC_PAGESIZE));
  g_strfreev (fields);
}

/* Returns: (transfer full): the whole answer to a scrape. */
char *
hj_metrics_write (const HjMetrics *metrics)
{
  g_autoptr (GString) text = g_string_new (NULL);

  write_info (text, metrics->node);
  write_alone (text, "workers", "gauge", "Relay workers of this node.", metrics->n_workers);
  write_alone (
      text, "capacity_seats", "gauge", "Seats that this node may hold.", metrics->capacity);
  write_alone (text, "link_up", "gauge", "1: huijiand has welcomed this node.", metrics->link_up);
  write_alone (text, "draining", "gauge", "1: no new room is taken.", metrics->draining);
  write_alone (
      text, "events_kept", "gauge", "Events that huijiand has not on disk.", metrics->events_kept);
  write_numbers (text, metrics);
  write_drops (text, metrics);
  write_legs (text, metrics);
  write_ways (text, metrics);
  write_batches (text, metrics);
  write_load (text, metrics);
  write_memory (text);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
