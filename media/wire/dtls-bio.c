/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL takes for its socket: one datagram to read, lent by hj_dtls_receive(), and a queue
 * of datagrams to send. Unlike a memory BIO it keeps datagrams apart; and it joins the records of a
 * flight, since OpenSSL repeats each message in a datagram of its own, which would have to survive a
 * lossy path five times instead of once. Belongs to one session and its thread. */
#include "media/wire/dtls-private.h"

#include <string.h>
#include <sys/time.h>

/* A flight is at most a few datagrams; beyond this nobody takes them, and loss is what DTLS is
 * made for. */
#define MAX_QUEUED 32

typedef struct
{
  const guint8 *input; /* not owned: borrowed during hj_dtls_receive() */
  gsize input_len;
  GQueue output; /* of GByteArray */
} Datagrams;

static int
bio_create (BIO *bio)
{
  Datagrams *self = g_new0 (Datagrams, 1);

  g_queue_init (&self->output);
  BIO_set_data (bio, self);
  BIO_set_init (bio, 1);
  return 1;
}

static int
bio_destroy (BIO *bio)
{
  Datagrams *self = BIO_get_data (bio);

  g_queue_clear_full (&self->output, (GDestroyNotify)g_byte_array_unref);
  g_free (self);
  BIO_set_data (bio, NULL);
  return 1;
}

static int
bio_read (BIO *bio, char *out, int size)
{
  Datagrams *self = BIO_get_data (bio);
  gsize n = MIN (self->input_len, (gsize)MAX (size, 0));

  BIO_clear_retry_flags (bio);
  if (self->input_len == 0)
    {
      BIO_set_retry_read (bio);
      return -1;
    }
  memcpy (out, self->input, n);
  self->input_len = 0; /* what does not fit is lost, as with recv() */
  return (int)n;
}

static int
bio_write (BIO *bio, const char *data, int len)
{
  Datagrams *self = BIO_get_data (bio);
  GByteArray *last = g_queue_peek_tail (&self->output);

  BIO_clear_retry_flags (bio);
  if (len <= 0)
    return len;
  if (!last || last->len + (guint)len > HJ_DTLS_MTU)
    {
      if (self->output.length == MAX_QUEUED)
        return len;
      last = g_byte_array_sized_new (HJ_DTLS_MTU);
      g_queue_push_tail (&self->output, last);
    }
  g_byte_array_append (last, (const guint8 *)data, (guint)len);
  return len;
}

/* OpenSSL looks at its timer while it reads, too: before it takes an answer that comes late it repeats
 * the flight. When it has all of the answer it stops the timer, and nobody needs the repetition any more.
 * That must not go out in front of the next flight: a peer that is OpenSSL throws away a datagram from the
 * ClientHello on, since the record's version (DTLS 1.0) is not the one agreed on, and the flight with it. */
static void
forget_answered (BIO *bio, const struct timeval *timeout)
{
  Datagrams *self = BIO_get_data (bio);

  if (timeout->tv_sec == 0 && timeout->tv_usec == 0)
    g_queue_clear_full (&self->output, (GDestroyNotify)g_byte_array_unref);
}

static long
bio_ctrl (BIO *bio, int command, long number, void *pointer)
{
  switch (command)
    {
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: /* whose timer is hj_dtls_get_timeout_us() */
      forget_answered (bio, pointer);
      return 1;
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return HJ_DTLS_MTU;
    default:
      return 0;
    }
}

static BIO_METHOD *
make_method (void)
{
  BIO_METHOD *method = BIO_meth_new (BIO_get_new_index () | BIO_TYPE_SOURCE_SINK, "datagrams");

  g_assert (method);
  BIO_meth_set_create (method, bio_create);
  BIO_meth_set_destroy (method, bio_destroy);
  BIO_meth_set_read (method, bio_read);
  BIO_meth_set_write (method, bio_write);
  BIO_meth_set_ctrl (method, bio_ctrl);
  return method;
}

/* Returns: (transfer full) */
BIO *
hj_dtls_bio_new (void)
{
  static gsize method = 0;

  if (g_once_init_enter (&method))
    g_once_init_leave (&method, (gsize)make_method ());
  return BIO_new ((const BIO_METHOD *)method);
}

/* Lends one datagram; (NULL, 0) takes it back. */
void
hj_dtls_bio_set_input (BIO *bio, const guint8 *data, gsize len)
{
  Datagrams *self = BIO_get_data (bio);

  self->input = data;
  self->input_len = len;
}

/* Returns: bytes of the oldest datagram, 0 when there is none, -1 when it does not fit (it stays). */
gssize
hj_dtls_bio_take (BIO *bio, guint8 *out, gsize size)
{
  Datagrams *self = BIO_get_data (bio);
  GByteArray *datagram = g_queue_peek_head (&self->output);
  gssize len;

  if (!datagram)
    return 0;
  if (datagram->len > size)
    return -1;
  len = (gssize)datagram->len;
  memcpy (out, datagram->data, datagram->len);
  g_byte_array_unref (g_queue_pop_head (&self->output));
  return len;
}
