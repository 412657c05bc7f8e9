/* SPDX-License-Identifier: Apache-2.0 */
/* The socket of one pipeline. hjudpsrc opens it; hjrelay and hjudpsink find it by a query that travels upstream, so that
 * `hjudpsrc ! hjrelay ! hjudpsink` needs no more wiring. Reference-counted, any thread; waiting is the streaming
 * thread's, waking anybody's. */

#include "media/udp-port.h"

#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <linux/sock_diag.h>
#include <glib-unix.h>

#include "media/wire/error.h"

/* A keyframe of every seat at once must fit; the kernel doubles and bounds it (net.core.rmem_max). */
#define SOCKET_BUFFER (4 * 1024 * 1024)
#define BUSY_US 1000 /* between two batches, at most */
#define BUSY_TIMEOUT_US 5000
#define QUERY "huijian/udp-port"

struct _HjUdpPort
{
  gatomicrefcount refs;
  int fd;
  int wake_fd;
  int family;
  guint16 number;
  /* Of whoever waits, and touched by that thread alone. */
  gint64 deadline_us;
  gint64 received_us;
  gboolean busy;
};

G_DEFINE_BOXED_TYPE (HjUdpPort, hj_udp_port, hj_udp_port_ref, hj_udp_port_unref)

static gboolean
fail (HjUdpPort *self, const char *what, GError **error)
{
  g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FAILED, "%s: %s", what, g_strerror (errno));
  return FALSE;
}

static gboolean
bind_socket (HjUdpPort *self, const char *text, guint16 port, GError **error)
{
  static const int OFF = 0;
  static const int ON = 1;
  static const int SIZE = SOCKET_BUFFER;
  static const struct timeval TIMEOUT = { .tv_usec = BUSY_TIMEOUT_US };
  HjAddress address;
  socklen_t length = sizeof address;

  if (!hj_address_parse (&address, text, port))
    {
      g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FAILED, "not an address: %s", text);
      return FALSE;
    }
  self->family = address.any.sa_family;
  self->fd = socket (self->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (self->fd < 0)
    return fail (self, "socket", error);
  if (self->family == AF_INET6)
    setsockopt (self->fd, IPPROTO_IPV6, IPV6_V6ONLY, &OFF, sizeof OFF);
  /* The senders' congestion control judges by arrival times; the relay's own turn may come later. */
  setsockopt (self->fd, SOL_SOCKET, SO_TIMESTAMPNS, &ON, sizeof ON);
  /* Older kernels know no UDP_GRO: then each datagram comes alone. */
  setsockopt (self->fd, SOL_UDP, UDP_GRO, &ON, sizeof ON);
  setsockopt (self->fd, SOL_SOCKET, SO_RCVTIMEO, &TIMEOUT, sizeof TIMEOUT);
  setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &SIZE, sizeof SIZE);
  setsockopt (self->fd, SOL_SOCKET, SO_SNDBUF, &SIZE, sizeof SIZE);
  if (bind (self->fd, &address.any, hj_address_get_length (&address)) < 0)
    return fail (self, "bind", error);
  if (getsockname (self->fd, &address.any, &length) < 0)
    return fail (self, "getsockname", error);
  self->number = hj_address_get_port (&address);
  return TRUE;
}

/* address: numeric, of this host; "::" takes IPv4 too. port: 0 lets the kernel choose.
 * Returns: (transfer full) (nullable). */
HjUdpPort *
hj_udp_port_open (const char *address, guint16 port, GError **error)
{
  g_autoptr (HjUdpPort) self = g_new0 (HjUdpPort, 1);

  g_atomic_ref_count_init (&self->refs);
  self->fd = -1;
  self->wake_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (self->wake_fd < 0)
    {
      fail (self, "eventfd", error);
      return NULL;
    }
  if (!bind_socket (self, address, port, error))
    return NULL;
  return g_steal_pointer (&self);
}

HjUdpPort *
hj_udp_port_ref (HjUdpPort *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
hj_udp_port_unref (HjUdpPort *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  g_free (self);
}

int
hj_udp_port_get_fd (const HjUdpPort *self)
{
  return self->fd;
}

/* AF_INET, or AF_INET6 where IPv4 peers appear as mapped addresses. */
int
hj_udp_port_get_family (const HjUdpPort *self)
{
  return self->family;
}

guint16
hj_udp_port_get_number (const HjUdpPort *self)
{
  return self->number;
}

/* Datagrams that the kernel threw away because nobody took them in time. */
guint64
hj_udp_port_get_drops (const HjUdpPort *self)
{
  guint32 info[SK_MEMINFO_VARS] = { 0 };
  socklen_t size = sizeof info;

  if (getsockopt (self->fd, SOL_SOCKET, SO_MEMINFO, info, &size) < 0)
    return 0;
  return info[SK_MEMINFO_DROPS];
}

/* Waits for a datagram, a wake-up or the timeout. Returns: whether there may be a datagram. */
static gboolean
wait_for (HjUdpPort *self, int timeout_ms)
{
  struct pollfd fds[2] = { { self->fd, POLLIN, 0 }, { self->wake_fd, POLLIN, 0 } };
  guint64 count = 0;

  if (self->deadline_us != 0)
    timeout_ms = (int)CLAMP (
        (self->deadline_us - g_get_monotonic_time () + 999) / 1000, 0, (gint64)timeout_ms);
  if (poll (fds, 2, timeout_ms) <= 0)
    return FALSE;
  if (fds[1].revents != 0 && read (self->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
    g_warning ("eventfd: %s", g_strerror (errno));
  return fds[0].revents != 0;
}

/* Where batch follows batch, waiting in the one call saves the other; whoever wakes the port then waits for the next
 * datagram, or for BUSY_TIMEOUT. */
static int
receive (HjUdpPort *self, struct mmsghdr *messages, guint n, int timeout_ms)
{
  if (self->busy && self->deadline_us == 0)
    return recvmmsg (self->fd, messages, n, MSG_WAITFORONE, NULL);
  return wait_for (self, timeout_ms) ? recvmmsg (self->fd, messages, n, MSG_DONTWAIT, NULL) : 0;
}

/* Waits for datagrams, a wake-up or the timeout. messages: filled. Returns: how many; none is no error: an ICMP answer to
 * something sent, or no datagram after all, are nothing to stop for. */
guint
hj_udp_port_receive (HjUdpPort *self, struct mmsghdr *messages, guint n, int timeout_ms)
{
  int n_received = receive (self, messages, n, timeout_ms);
  gint64 now_us = g_get_monotonic_time ();

  self->busy = n_received > 0 && now_us - self->received_us < BUSY_US;
  if (n_received > 0)
    self->received_us = now_us;
  return (guint)MAX (n_received, 0);
}

/* The next waits end then at the latest, on the monotonic clock; 0: with their timeout. For the thread that waits. */
void
hj_udp_port_set_deadline (HjUdpPort *self, gint64 deadline_us)
{
  self->deadline_us = deadline_us;
}

/* Any thread. */
void
hj_udp_port_wake (HjUdpPort *self)
{
  static const guint64 ONE = 1;

  if (write (self->wake_fd, &ONE, sizeof ONE) < 0 && errno != EAGAIN)
    g_warning ("eventfd: %s", g_strerror (errno));
}

gboolean
hj_udp_port_is_query (GstQuery *query)
{
  const GstStructure *structure = NULL;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CUSTOM)
    return FALSE;
  structure = gst_query_get_structure (query);
  return structure != NULL && gst_structure_has_name (structure, QUERY);
}

void
hj_udp_port_answer_query (HjUdpPort *self, GstQuery *query)
{
  gst_structure_set (gst_query_writable_structure (query), "port", HJ_TYPE_UDP_PORT, self, NULL);
}

/* pad: a sink pad. Returns: (transfer full) (nullable): the port of the hjudpsrc upstream. */
HjUdpPort *
hj_udp_port_find_upstream (GstPad *pad)
{
  g_autoptr (GstQuery) query
      = gst_query_new_custom (GST_QUERY_CUSTOM, gst_structure_new_empty (QUERY));
  HjUdpPort *port = NULL;

  if (gst_pad_peer_query (pad, query))
    gst_structure_get (gst_query_get_structure (query), "port", HJ_TYPE_UDP_PORT, &port, NULL);
  return port;
}
