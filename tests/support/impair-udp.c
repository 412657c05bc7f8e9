/* SPDX-License-Identifier: Apache-2.0 */
/* The UDP side of huijian-impair: one listening socket per port of the server, and per client address a socket of its own
 * towards the server, so that the server tells clients apart as it would without us. All ports share one link (two HjImpairWay). Runs on the
 * program's only thread, in its main context. */
#include "tests/support/impair-proxy.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_CLIENTS 512
#define MOST_BYTES 65535

typedef struct
{
  HjImpairUdp *udp; /* not owned: it owns us */
  int fd;
  guint16 target, port;
  guint watch;
  GHashTable *clients; /* address and port -> Client */
} Port;

typedef struct
{
  Port *port; /* not owned: it owns us */
  struct sockaddr_in address;
  int fd;
  guint watch;
} Client;

/* On its way: to the server by a connected socket, or to a client by its address. Sockets stay open until the end. */
typedef struct
{
  gint64 leave_us;
  int fd;
  struct sockaddr_in to;
  gboolean is_addressed;
  gsize size;
  guchar data[];
} Parcel;

struct _HjImpairUdp
{
  HjImpairWay *ways; /* not owned: two, the program's */
  GPtrArray *ports;
  GQueue parcels; /* by leave_us */
  GSource *timer;
};

/** A bound (listen_at; 0: the kernel chooses) or connected (connect_to) socket of 127.0.0.1 that does not block. *port: where
 * it is bound. -1 and an error when the kernel refuses. */
int
hj_impair_socket (int type, guint16 listen_at, guint16 connect_to, guint16 *port, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  gboolean good = fd >= 0;

  address.sin_port = htons (connect_to ? connect_to : listen_at);
  if (good && connect_to)
    good = connect (fd, (struct sockaddr *)&address, size) == 0 || errno == EINPROGRESS;
  else if (good)
    good = bind (fd, (struct sockaddr *)&address, size) == 0
           && (type == SOCK_DGRAM || listen (fd, 64) == 0);
  if (good)
    good = getsockname (fd, (struct sockaddr *)&address, &size) == 0;
  if (!good)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return -1;
    }
  *port = ntohs (address.sin_port);
  return fd;
}

static gboolean
timer_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSourceFuncs timer_funcs = { NULL, NULL, timer_dispatch, NULL, NULL, NULL };

static gboolean
send_due (gpointer data)
{
  HjImpairUdp *udp = data;
  Parcel *parcel;

  while (
      (parcel = g_queue_peek_head (&udp->parcels)) && parcel->leave_us <= g_get_monotonic_time ())
    {
      /* A server that is away answers with ICMP: that is its loss, as on a real network. */
      sendto (parcel->fd, parcel->data, parcel->size, MSG_NOSIGNAL,
          parcel->is_addressed ? (struct sockaddr *)&parcel->to : NULL,
          parcel->is_addressed ? sizeof parcel->to : 0);
      g_free (g_queue_pop_head (&udp->parcels));
    }
  g_source_set_ready_time (udp->timer, parcel ? parcel->leave_us : -1);
  return G_SOURCE_CONTINUE;
}

static void
enqueue (HjImpairUdp *udp, Parcel *parcel)
{
  GList *before = g_queue_peek_tail_link (&udp->parcels);

  while (before && ((Parcel *)before->data)->leave_us > parcel->leave_us)
    before = before->prev;
  if (before)
    g_queue_insert_after (&udp->parcels, before, parcel);
  else
    g_queue_push_head (&udp->parcels, parcel);
}

static void
forward (HjImpairUdp *udp, HjImpairDirection direction, const Parcel *how, const guchar *data,
    gsize size)
{
  gint64 leave_us = 0;
  Parcel *parcel;

  if (hj_impair_way_take (&udp->ways[direction], size, g_get_monotonic_time (), &leave_us)
      != HJ_IMPAIR_PASSED)
    return;
  parcel = g_malloc (sizeof *parcel + size);
  *parcel = *how;
  parcel->leave_us = leave_us;
  parcel->size = size;
  memcpy (parcel->data, data, size);
  enqueue (udp, parcel);
}

static gboolean
from_server (int fd, GIOCondition condition, gpointer data)
{
  Client *client = data;
  Parcel how = { .fd = client->port->fd, .to = client->address, .is_addressed = TRUE };
  guchar bytes[MOST_BYTES];
  ssize_t size;

  while ((size = recv (fd, bytes, sizeof bytes, 0)) >= 0)
    forward (client->port->udp, HJ_IMPAIR_DOWN, &how, bytes, (gsize)size);
  send_due (client->port->udp);
  return G_SOURCE_CONTINUE;
}

static void
client_free (gpointer data)
{
  Client *client = data;

  g_source_remove (client->watch);
  close (client->fd);
  g_free (client);
}

/* The client with this address, known or new; NULL when there are too many. */
static Client *
find_client (Port *port, const struct sockaddr_in *address)
{
  gint64 key = ((gint64)address->sin_addr.s_addr << 16) | address->sin_port;
  Client *client = g_hash_table_lookup (port->clients, &key);
  guint16 own = 0;
  int fd;

  if (client || g_hash_table_size (port->clients) >= MOST_CLIENTS)
    return client;
  fd = hj_impair_socket (SOCK_DGRAM, 0, port->target, &own, NULL);
  if (fd < 0)
    return NULL;
  client = g_new0 (Client, 1);
  client->port = port;
  client->address = *address;
  client->fd = fd;
  client->watch = g_unix_fd_add (fd, G_IO_IN, from_server, client);
  g_hash_table_insert (port->clients, g_memdup2 (&key, sizeof key), client);
  return client;
}

static gboolean
from_client (int fd, GIOCondition condition, gpointer data)
{
  Port *port = data;
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  guchar bytes[MOST_BYTES];
  ssize_t size;

  while ((size = recvfrom (fd, bytes, sizeof bytes, 0, (struct sockaddr *)&address, &length)) >= 0)
    {
      Client *client = find_client (port, &address);

      if (client)
        forward (port->udp, HJ_IMPAIR_UP, &(Parcel){ .fd = client->fd }, bytes, (gsize)size);
      length = sizeof address;
    }
  send_due (port->udp);
  return G_SOURCE_CONTINUE;
}

static void
port_free (gpointer data)
{
  Port *port = data;

  g_source_remove (port->watch);
  g_hash_table_unref (port->clients);
  close (port->fd);
  g_free (port);
}

/** Opens a port in front of the server's port `target`; the one that stands there already is told again. -1 and an error
 * when there is none. */
int
hj_impair_udp_open (HjImpairUdp *udp, guint16 target, GError **error)
{
  guint16 number = 0;
  Port *port;
  int fd;

  for (guint i = 0; i < udp->ports->len; i++)
    {
      port = g_ptr_array_index (udp->ports, i);
      if (port->target == target)
        return port->port;
    }
  fd = hj_impair_socket (SOCK_DGRAM, 0, 0, &number, error);
  if (fd < 0)
    return -1;
  port = g_new0 (Port, 1);
  port->udp = udp;
  port->fd = fd;
  port->target = target;
  port->port = number;
  port->clients = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, client_free);
  port->watch = g_unix_fd_add (fd, G_IO_IN, from_client, port);
  g_ptr_array_add (udp->ports, port);
  return number;
}

/** ways: two, up and down; they stay the caller's and must live longer (transfer none). */
HjImpairUdp *
hj_impair_udp_new (HjImpairWay *ways)
{
  HjImpairUdp *udp = g_new0 (HjImpairUdp, 1);

  udp->ways = ways;
  udp->ports = g_ptr_array_new_with_free_func (port_free);
  g_queue_init (&udp->parcels);
  udp->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (udp->timer, send_due, udp, NULL);
  g_source_attach (udp->timer, NULL);
  return udp;
}

void
hj_impair_udp_free (HjImpairUdp *udp)
{
  g_source_destroy (udp->timer);
  g_source_unref (udp->timer);
  g_ptr_array_unref (udp->ports);
  g_queue_clear_full (&udp->parcels, g_free);
  g_free (udp);
}
