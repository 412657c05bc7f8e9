/* SPDX-License-Identifier: Apache-2.0 */
/* The fleet's sockets. Nobody ever waits on them: the loop sleeps until something is due to be sent and then reads what
 * has come, so that waking the fleet is not charged to the server, and arrival times are the kernel's. One thread. */

#include "tests/bench/fleet/net.h"

#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define BUFFER_BYTES (32 * 1024 * 1024)
#define FIRST_ADDRESS 0x0a4e0000u /* 10.78.0.0 */

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (struct timespec)) + CMSG_SPACE (sizeof (struct in_pktinfo))];
} Control;

struct _FleetNet
{
  int fds[FLEET_SOCKETS];
  guint16 ports[FLEET_SOCKETS];
  struct mmsghdr messages[BATCH];
  struct iovec iovs[BATCH];
  Control controls[BATCH];
  guint8 data[BATCH][2048];
};

gint64
fleet_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static void
set_option (int fd, int level, int name, int value)
{
  if (setsockopt (fd, level, name, &value, sizeof value) != 0)
    g_error ("setsockopt %d %d: %s", level, name, g_strerror (errno));
}

static int
open_socket (guint16 *port)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  HjAddress address = { .v4 = { .sin_family = AF_INET } };
  socklen_t length = sizeof address;
  int bytes = BUFFER_BYTES;

  set_option (fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set_option (fd, IPPROTO_IP, IP_PKTINFO, 1);
  /* Who is not root gets what the kernel grants to everybody. */
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    set_option (fd, SOL_SOCKET, SO_RCVBUF, bytes);
  if (setsockopt (fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0)
    set_option (fd, SOL_SOCKET, SO_SNDBUF, bytes);
  if (bind (fd, &address.any, sizeof address.v4) != 0
      || getsockname (fd, &address.any, &length) != 0)
    g_error ("no socket: %s", g_strerror (errno));
  *port = hj_address_get_port (&address);
  return fd;
}

FleetNet *
fleet_net_open (void)
{
  FleetNet *self = g_new0 (FleetNet, 1);

  for (guint i = 0; i < FLEET_SOCKETS; i++)
    self->fds[i] = open_socket (&self->ports[i]);
  return self;
}

void
fleet_net_close (FleetNet *self)
{
  for (guint i = 0; i < FLEET_SOCKETS; i++)
    close (self->fds[i]);
  g_free (self);
}

void
fleet_net_get_address (const FleetNet *self, guint client, HjAddress *out)
{
  *out = (HjAddress){ .v4 = { .sin_family = AF_INET,
                          .sin_port = g_htons (self->ports[client % FLEET_SOCKETS]),
                          .sin_addr = { g_htonl (FIRST_ADDRESS | client) } } };
}

static void
add_control (struct msghdr *message, int level, int type, const void *value, gsize size)
{
  struct cmsghdr *header
      = (struct cmsghdr *)((char *)message->msg_control + message->msg_controllen);

  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (header), value, size);
  message->msg_controllen += CMSG_SPACE (size);
}

/* segment: bytes of each datagram but the last, 0: it is one. What the kernel refuses is lost and counted by the receiver. */
void
fleet_net_send (
    FleetNet *self, guint client, const HjAddress *to, guint8 *bytes, gsize length, gsize segment)
{
  char control[CMSG_SPACE (sizeof (struct in_pktinfo)) + CMSG_SPACE (sizeof (guint16))] = { 0 };
  struct in_pktinfo from = { .ipi_spec_dst = { g_htonl (FIRST_ADDRESS | client) } };
  guint16 size = (guint16)segment;
  struct iovec iov = { bytes, length };
  struct msghdr message = { .msg_name = (void *)&to->any,
    .msg_namelen = hj_address_get_length (to),
    .msg_iov = &iov,
    .msg_iovlen = 1,
    .msg_control = control };

  add_control (&message, IPPROTO_IP, IP_PKTINFO, &from, sizeof from);
  if (segment > 0 && segment < length)
    add_control (&message, SOL_UDP, UDP_SEGMENT, &size, sizeof size);
  if (sendmsg (self->fds[client % FLEET_SOCKETS], &message, 0) < 0 && errno != ECONNREFUSED)
    g_warning ("sendmsg: %s", g_strerror (errno));
}

static void
read_controls (struct msghdr *message, guint *client, gint64 *arrival_ns)
{
  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS)
      {
        struct timespec stamp;

        memcpy (&stamp, CMSG_DATA (part), sizeof stamp);
        *arrival_ns = stamp.tv_sec * G_GINT64_CONSTANT (1000000000) + stamp.tv_nsec;
      }
    else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO)
      {
        struct in_pktinfo info;

        memcpy (&info, CMSG_DATA (part), sizeof info);
        *client = fleet_index_of (info.ipi_addr.s_addr);
      }
}

static guint
receive_batch (FleetNet *self, int fd, FleetTake take, gpointer user)
{
  int n = 0;

  for (guint i = 0; i < BATCH; i++)
    {
      self->iovs[i] = (struct iovec){ self->data[i], sizeof self->data[i] };
      self->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &self->iovs[i],
        .msg_iovlen = 1,
        .msg_control = &self->controls[i],
        .msg_controllen = sizeof self->controls[i] };
    }
  n = recvmmsg (fd, self->messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < n; i++)
    {
      guint client = 0;
      gint64 arrival_ns = 0;

      read_controls (&self->messages[i].msg_hdr, &client, &arrival_ns);
      take (user, client, self->data[i], self->messages[i].msg_len, arrival_ns);
    }
  return (guint)MAX (n, 0);
}

/* One batch of each socket. Returns: datagrams taken. */
guint
fleet_net_receive (FleetNet *self, FleetTake take, gpointer user)
{
  guint n = 0;

  for (guint i = 0; i < FLEET_SOCKETS; i++)
    n += receive_batch (self, self->fds[i], take, user);
  return n;
}

/* Datagrams that the kernel threw away because the fleet read too slowly: the server is not to blame for them. */
guint64
fleet_net_count_dropped (const FleetNet *self)
{
  guint64 dropped = 0;

  for (guint i = 0; i < FLEET_SOCKETS; i++)
    {
      guint32 info[SK_MEMINFO_VARS] = { 0 };
      socklen_t size = sizeof info;

      if (getsockopt (self->fds[i], SOL_SOCKET, SO_MEMINFO, info, &size) == 0)
        dropped += info[SK_MEMINFO_DROPS];
    }
  return dropped;
}
