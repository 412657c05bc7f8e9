/* SPDX-License-Identifier: Apache-2.0 */
/* The TCP side of huijian-impair, for the signalling: bytes pass untouched until a cut. Then nothing passes, and nobody is told, as
 * when a cable is pulled far away. What was under way comes late after the end of the cut, as TCP's doubled retransmission
 * times have it (RFC 6298 section 5.5); a connection without anything under way goes on at once. Runs on the program's only thread. */
#include "tests/support/impair-proxy.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_RETRY_US 200000 /* Linux's least */
#define FIRST_SYN_US 1000000
#define CHUNK 16384

typedef struct
{
  HjImpairTcp *tcp; /* not owned: it owns us */
  int fd;
  guint16 target, port;
  guint watch;
} Port;

typedef struct
{
  HjImpairTcp *tcp; /* not owned: it owns us */
  int fds[2];
  guint watches[2];
  guint resume;
  gint64 opened_us; /* when it was opened, if that was in a cut; else 0 */
} Pipe;

struct _HjImpairTcp
{
  GPtrArray *ports;
  GPtrArray *pipes;
  gboolean is_cut;
  gint64 cut_us;
};

static void
pipe_pause (Pipe *one)
{
  for (int i = 0; i < 2; i++)
    g_clear_handle_id (&one->watches[i], g_source_remove);
  g_clear_handle_id (&one->resume, g_source_remove);
}

static void
pipe_free (gpointer data)
{
  Pipe *one = data;

  pipe_pause (one);
  close (one->fds[0]);
  close (one->fds[1]);
  g_free (one);
}

/* All of it: signalling is small, and a receiver that does not read for ten seconds is given up. */
static gboolean
write_all (int fd, const guchar *bytes, gsize size)
{
  while (size > 0)
    {
      struct pollfd ready = { .fd = fd, .events = POLLOUT };
      ssize_t done = poll (&ready, 1, 10000) == 1 ? send (fd, bytes, size, MSG_NOSIGNAL) : -1;

      if (done <= 0)
        return FALSE;
      bytes += done;
      size -= (gsize)done;
    }
  return TRUE;
}

static gboolean
copy (int fd, GIOCondition condition, gpointer data)
{
  Pipe *one = data;
  guchar bytes[CHUNK];
  ssize_t size = recv (fd, bytes, sizeof bytes, 0);

  if (size < 0 && g_io_error_from_errno (errno) == G_IO_ERROR_WOULD_BLOCK)
    return G_SOURCE_CONTINUE;
  if (size > 0 && write_all (one->fds[fd == one->fds[0]], bytes, (gsize)size))
    return G_SOURCE_CONTINUE;
  /* Frees this very source; GLib allows that within its dispatch. */
  g_ptr_array_remove_fast (one->tcp->pipes, one);
  return G_SOURCE_CONTINUE;
}

static void
pipe_run (Pipe *one)
{
  for (int i = 0; i < 2; i++)
    if (one->watches[i] == 0)
      one->watches[i] = g_unix_fd_add (one->fds[i], G_IO_IN, copy, one);
}

static gboolean
resume (gpointer data)
{
  Pipe *one = data;

  one->resume = 0;
  pipe_run (one);
  return G_SOURCE_REMOVE;
}

/** When a sender that began at since_us and first repeats after first_us, then after twice that and so on, tries next. */
gint64
hj_impair_tcp_next_try_us (gint64 since_us, gint64 first_us, gint64 now_us)
{
  gint64 at_us = since_us + first_us;

  while (at_us < now_us)
    {
      first_us *= 2;
      at_us += first_us;
    }
  return at_us;
}

/** Nothing passes from here on. */
void
hj_impair_tcp_cut (HjImpairTcp *tcp)
{
  if (tcp->is_cut)
    return;
  tcp->is_cut = TRUE;
  tcp->cut_us = g_get_monotonic_time ();
  for (guint i = 0; i < tcp->pipes->len; i++)
    pipe_pause (g_ptr_array_index (tcp->pipes, i));
}

static void
pipe_heal (Pipe *one, gint64 now_us)
{
  struct pollfd waiting[2]
      = { { .fd = one->fds[0], .events = POLLIN }, { .fd = one->fds[1], .events = POLLIN } };
  gint64 at_us = now_us;

  if (one->opened_us)
    at_us = hj_impair_tcp_next_try_us (one->opened_us, FIRST_SYN_US, now_us);
  else if (poll (waiting, 2, 0) > 0)
    at_us = hj_impair_tcp_next_try_us (one->tcp->cut_us, FIRST_RETRY_US, now_us);
  one->opened_us = 0;
  one->resume = g_timeout_add ((guint)((at_us - now_us) / 1000), resume, one);
}

/** The cut is over. */
void
hj_impair_tcp_heal (HjImpairTcp *tcp)
{
  if (!tcp->is_cut)
    return;
  tcp->is_cut = FALSE;
  for (guint i = 0; i < tcp->pipes->len; i++)
    pipe_heal (g_ptr_array_index (tcp->pipes, i), g_get_monotonic_time ());
}

static gboolean
accepted (int fd, GIOCondition condition, gpointer data)
{
  Port *port = data;
  HjImpairTcp *tcp = port->tcp;
  int client = accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  guint16 own = 0;
  int server = client < 0 ? -1 : hj_impair_socket (SOCK_STREAM, 0, port->target, &own, NULL);
  Pipe *one;

  if (server < 0)
    {
      if (client >= 0)
        close (client);
      return G_SOURCE_CONTINUE;
    }
  one = g_new0 (Pipe, 1);
  one->tcp = tcp;
  one->fds[0] = client;
  one->fds[1] = server;
  g_ptr_array_add (tcp->pipes, one);
  if (tcp->is_cut)
    one->opened_us = g_get_monotonic_time ();
  else
    pipe_run (one);
  return G_SOURCE_CONTINUE;
}

static void
port_free (gpointer data)
{
  Port *port = data;

  g_source_remove (port->watch);
  close (port->fd);
  g_free (port);
}

/** Opens a port in front of the server's port `target`. -1 and an error when there is none. */
int
hj_impair_tcp_open (HjImpairTcp *tcp, guint16 target, GError **error)
{
  guint16 number = 0;
  int fd = hj_impair_socket (SOCK_STREAM, 0, 0, &number, error);
  Port *port;

  if (fd < 0)
    return -1;
  port = g_new0 (Port, 1);
  port->tcp = tcp;
  port->fd = fd;
  port->target = target;
  port->port = number;
  port->watch = g_unix_fd_add (fd, G_IO_IN, accepted, port);
  g_ptr_array_add (tcp->ports, port);
  return number;
}

HjImpairTcp *
hj_impair_tcp_new (void)
{
  HjImpairTcp *tcp = g_new0 (HjImpairTcp, 1);

  tcp->ports = g_ptr_array_new_with_free_func (port_free);
  tcp->pipes = g_ptr_array_new_with_free_func (pipe_free);
  return tcp;
}

void
hj_impair_tcp_free (HjImpairTcp *tcp)
{
  g_ptr_array_unref (tcp->ports);
  g_ptr_array_unref (tcp->pipes);
  g_free (tcp);
}
