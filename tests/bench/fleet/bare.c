/* SPDX-License-Identifier: Apache-2.0 */
/* hj-bare: the limit that a relay is measured against. recvmmsg with UDP_GRO, AES-128-GCM open and seal by OpenSSL with one
 * pre-keyed context for each direction of each peer, UDP_SEGMENT, sendmmsg; no protocol. Client n's packets go to client
 * n ^ 1. Prints its port; ends with the process that started it. SRTP as in RFC 7714, within the first 2^16 packets. */

#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "media/wire/rtp.h"
#include "media/wire/srtp-cipher.h"
#include "tests/bench/fleet/net.h"

#define BATCH 64
#define MAX_BYTES 65536
#define MAX_MESSAGES 1024
#define SLAB (BATCH * MAX_BYTES)
#define MAX_RUN 44
#define TAG 16

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (int))];
} Control;

typedef struct
{
  EVP_CIPHER_CTX *evp;
  guint8 salt[12];
} Direction;

typedef struct
{
  HjAddress address; /* family 0: not heard of yet */
  Direction in;
  Direction out;
} Peer;

typedef struct
{
  int fd;
  Peer *peers;
  guint n_peers;
  struct mmsghdr received[BATCH];
  struct iovec iovs[BATCH];
  HjAddress from[BATCH];
  Control received_controls[BATCH];
  guint8 *data[BATCH];

  struct mmsghdr messages[MAX_MESSAGES];
  struct iovec runs[MAX_MESSAGES];
  Control controls[MAX_MESSAGES];
  guint16 sizes[MAX_MESSAGES];
  guint lengths[MAX_MESSAGES]; /* datagrams */
  guint n_messages;
  guint8 *slab;
  gsize used;
} Bare;

/* The fleet's client n seals with master key n (client.c). */
static void
key_direction (Direction *self, guint index)
{
  HjSrtpKeys master;
  HjSrtpSessionKeys session;

  memset (&master, 0x5a, sizeof master);
  hj_put_be32 (master.key, index);
  if (!hj_srtp_derive_session (&master, HJ_SRTP_AEAD_AES_128_GCM, FALSE, &session))
    g_error ("no keys");
  memcpy (self->salt, session.salt, sizeof self->salt);
  self->evp = EVP_CIPHER_CTX_new ();
  if (EVP_CipherInit_ex (self->evp, EVP_aes_128_gcm (), NULL, session.key, NULL, TRUE) != 1)
    g_error ("no AES");
}

static void
make_iv (const Direction *self, const guint8 *packet, guint8 iv[12])
{
  memset (iv, 0, 12);
  memcpy (iv + 2, packet + 8, 4);
  memcpy (iv + 10, packet + 2, 2);
  for (guint i = 0; i < 12; i++)
    iv[i] ^= self->salt[i];
}

static gboolean
open_packet (Direction *self, guint8 *packet, gsize header, gsize length)
{
  guint8 iv[12];
  int n = 0;
  guint8 *body = packet + header;
  int size = (int)(length - header - TAG);

  make_iv (self, packet, iv);
  return EVP_CipherInit_ex (self->evp, NULL, NULL, NULL, iv, FALSE) == 1
         && EVP_CipherUpdate (self->evp, NULL, &n, packet, (int)header) == 1
         && EVP_CipherUpdate (self->evp, body, &n, body, size) == 1
         && EVP_CIPHER_CTX_ctrl (self->evp, EVP_CTRL_AEAD_SET_TAG, TAG, body + size) == 1
         && EVP_CipherFinal_ex (self->evp, iv, &n) == 1;
}

static gboolean
seal_packet (Direction *self, const guint8 *packet, gsize header, gsize length, guint8 *out)
{
  guint8 iv[12];
  int n = 0;
  int size = (int)(length - header - TAG);

  make_iv (self, packet, iv);
  memcpy (out, packet, header);
  return EVP_CipherInit_ex (self->evp, NULL, NULL, NULL, iv, TRUE) == 1
         && EVP_CipherUpdate (self->evp, NULL, &n, packet, (int)header) == 1
         && EVP_CipherUpdate (self->evp, out + header, &n, packet + header, size) == 1
         && EVP_CipherFinal_ex (self->evp, iv, &n) == 1
         && EVP_CIPHER_CTX_ctrl (self->evp, EVP_CTRL_AEAD_GET_TAG, TAG, out + length - TAG) == 1;
}

static void
flush (Bare *self)
{
  guint sent = 0;

  while (sent < self->n_messages)
    {
      int n = sendmmsg (self->fd, self->messages + sent, self->n_messages - sent, 0);

      sent += n > 0 ? (guint)n : 1; /* what the kernel refuses is lost */
    }
  self->n_messages = 0;
  self->used = 0;
}

static void
set_segment (Bare *self, guint m)
{
  struct msghdr *message = &self->messages[m].msg_hdr;
  struct cmsghdr *header = NULL;

  message->msg_control = &self->controls[m];
  message->msg_controllen = CMSG_SPACE (sizeof (guint16));
  header = CMSG_FIRSTHDR (message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN (sizeof (guint16));
  memcpy (CMSG_DATA (header), &self->sizes[m], sizeof (guint16));
}

/* The sealed packet at the slab's end: into the run before it where that is possible, else a message of its own. */
static void
queue (Bare *self, HjAddress *to, gsize length)
{
  guint m = self->n_messages - 1;

  if (self->n_messages > 0 && self->messages[m].msg_hdr.msg_name == to && self->sizes[m] == length
      && self->lengths[m] < MAX_RUN)
    {
      self->runs[m].iov_len += length;
      if (++self->lengths[m] == 2)
        set_segment (self, m);
    }
  else
    {
      m = self->n_messages++;
      self->sizes[m] = (guint16)length;
      self->lengths[m] = 1;
      self->runs[m] = (struct iovec){ self->slab + self->used, length };
      self->messages[m].msg_hdr = (struct msghdr){
        .msg_name = to, .msg_namelen = sizeof to->v4, .msg_iov = &self->runs[m], .msg_iovlen = 1
      };
    }
  self->used += length;
}

static void
forward (Bare *self, guint index, guint8 *packet, gsize length)
{
  Peer *to = &self->peers[index ^ 1];
  gsize header = HJ_RTP_MIN_HEADER;

  if (length < HJ_RTP_MIN_HEADER + 4 + TAG || to->address.any.sa_family == 0)
    return;
  if (packet[0] & 0x10)
    header += 4 + 4 * (gsize)hj_be16 (packet + 14);
  if (header + TAG > length || !open_packet (&self->peers[index].in, packet, header, length)
      || !seal_packet (&to->out, packet, header, length, self->slab + self->used))
    return;
  queue (self, &to->address, length);
  if (self->n_messages == MAX_MESSAGES)
    flush (self);
}

static gsize
segment_size (struct msghdr *message, gsize length)
{
  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_UDP && part->cmsg_type == UDP_GRO)
      {
        int size = 0;

        memcpy (&size, CMSG_DATA (part), sizeof size);
        return (gsize)size;
      }
  return length;
}

static void
take_message (Bare *self, int m)
{
  gsize length = self->received[m].msg_len;
  gsize segment = segment_size (&self->received[m].msg_hdr, length);
  guint index = fleet_index_of (self->from[m].v4.sin_addr.s_addr);

  if (index >= self->n_peers || segment == 0)
    return;
  self->peers[index].address = self->from[m];
  for (gsize at = 0; at < length; at += segment)
    forward (self, index, self->data[m] + at, MIN (segment, length - at));
}

static void
turn (Bare *self)
{
  int n = 0;

  for (guint i = 0; i < BATCH; i++)
    {
      self->iovs[i] = (struct iovec){ self->data[i], MAX_BYTES };
      self->received[i].msg_hdr = (struct msghdr){ .msg_name = &self->from[i],
        .msg_namelen = sizeof self->from[i],
        .msg_iov = &self->iovs[i],
        .msg_iovlen = 1,
        .msg_control = &self->received_controls[i],
        .msg_controllen = sizeof self->received_controls[i] };
    }
  n = recvmmsg (self->fd, self->received, BATCH, MSG_WAITFORONE, NULL);
  for (int m = 0; m < n; m++)
    take_message (self, m);
  flush (self);
}

static void
open_socket (Bare *self, const char *server)
{
  HjAddress address;
  socklen_t length = sizeof address;
  int yes = 1;
  int bytes = 4 * 1024 * 1024;

  self->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  setsockopt (self->fd, SOL_UDP, UDP_GRO, &yes, sizeof yes);
  setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt (self->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  if (!hj_address_parse (&address, server, 0)
      || bind (self->fd, &address.any, hj_address_get_length (&address)) != 0
      || getsockname (self->fd, &address.any, &length) != 0)
    g_error ("no socket: %s", g_strerror (errno));
  printf ("%u\n", hj_address_get_port (&address));
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  Bare *self = g_new0 (Bare, 1);

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  self->n_peers = argc == 3 ? (guint)atoi (argv[1]) : 0;
  if (self->n_peers == 0 || self->n_peers > FLEET_MAX_CLIENTS)
    g_error ("hj-bare CLIENTS ADDRESS");
  self->n_peers = (self->n_peers + 1) & ~1u;
  self->peers = g_new0 (Peer, self->n_peers);
  self->slab = g_malloc (SLAB);
  for (guint i = 0; i < BATCH; i++)
    self->data[i] = g_malloc (MAX_BYTES);
  for (guint i = 0; i < self->n_peers; i++)
    {
      key_direction (&self->peers[i].in, i);
      key_direction (&self->peers[i].out, i ^ 1);
    }
  open_socket (self, argv[2]);
  for (;;)
    turn (self);
}
