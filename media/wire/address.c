/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses as plain data: text, equality, hash. Any thread; nothing here allocates but the text. */

#include "media/wire/address.h"

#include <arpa/inet.h>
#include <string.h>

/* text: a numeric IPv4 or IPv6 address. FALSE when it is neither. */
gboolean
hj_address_parse (HjAddress *self, const char *text, guint16 port)
{
  memset (self, 0, sizeof *self);
  if (inet_pton (AF_INET, text, &self->v4.sin_addr) == 1)
    {
      self->v4.sin_family = AF_INET;
      self->v4.sin_port = htons (port);
      return TRUE;
    }
  if (inet_pton (AF_INET6, text, &self->v6.sin6_addr) == 1)
    {
      self->v6.sin6_family = AF_INET6;
      self->v6.sin6_port = htons (port);
      return TRUE;
    }
  return FALSE;
}

/* Returns: (transfer full): the numeric address without its port. */
char *
hj_address_to_string (const HjAddress *self)
{
  char text[INET6_ADDRSTRLEN] = "";

  if (self->any.sa_family == AF_INET)
    inet_ntop (AF_INET, &self->v4.sin_addr, text, sizeof text);
  else
    inet_ntop (AF_INET6, &self->v6.sin6_addr, text, sizeof text);
  return g_strdup (text);
}

socklen_t
hj_address_get_length (const HjAddress *self)
{
  return self->any.sa_family == AF_INET ? sizeof self->v4 : sizeof self->v6;
}

guint16
hj_address_get_port (const HjAddress *self)
{
  return ntohs (self->any.sa_family == AF_INET ? self->v4.sin_port : self->v6.sin6_port);
}

/* Family, address and port; neither flow label nor padding. */
gboolean
hj_address_equal (gconstpointer a, gconstpointer b)
{
  const HjAddress *left = a;
  const HjAddress *right = b;

  if (left->any.sa_family != right->any.sa_family)
    return FALSE;
  if (left->any.sa_family == AF_INET)
    return left->v4.sin_port == right->v4.sin_port
           && left->v4.sin_addr.s_addr == right->v4.sin_addr.s_addr;
  return left->v6.sin6_port == right->v6.sin6_port
         && memcmp (&left->v6.sin6_addr, &right->v6.sin6_addr, sizeof left->v6.sin6_addr) == 0;
}

guint
hj_address_hash (gconstpointer address)
{
  const HjAddress *self = address;
  guint32 word[4];
  guint hash = self->any.sa_family == AF_INET ? self->v4.sin_port : self->v6.sin6_port;

  if (self->any.sa_family == AF_INET)
    return (hash ^ self->v4.sin_addr.s_addr) * 2654435761u;
  memcpy (word, &self->v6.sin6_addr, sizeof word);
  for (int i = 0; i < 4; i++)
    hash = (hash ^ word[i]) * 2654435761u;
  return hash;
}

/* On a dual-stack socket an IPv4 peer shows as ::ffff:a.b.c.d; STUN must tell it its IPv4 address. */
void
hj_address_unmap (HjAddress *self)
{
  HjAddress plain = { 0 };

  if (self->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED (&self->v6.sin6_addr))
    return;
  plain.v4.sin_family = AF_INET;
  plain.v4.sin_port = self->v6.sin6_port;
  memcpy (&plain.v4.sin_addr, self->v6.sin6_addr.s6_addr + 12, 4);
  *self = plain;
}
