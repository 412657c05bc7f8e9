/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses the answers name: those of the configuration, else the ones by which this host reaches others, and
 * loopback. A browser on the same machine uses its interface's address unless it was told to use loopback too, so both
 * are named. Nothing is sent to find out. */

#include "media/candidates.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/wire/error.h"

/* Documentation addresses (RFC 5737, RFC 3849): nobody is there, but routes lead to them. */
#define ELSEWHERE_V4 "192.0.2.1"
#define ELSEWHERE_V6 "2001:db8::1"

/* addresses: (nullable): separated by commas or semicolons, blanks around them allowed. */
gboolean
hj_candidates_check (const char *addresses, GError **error)
{
  g_auto (GStrv) list = g_strsplit_set (addresses != NULL ? addresses : "", ",;", -1);
  HjAddress address;

  for (guint i = 0; list[i] != NULL; i++)
    if (*g_strstrip (list[i]) != '\0' && !hj_address_parse (&address, list[i], 1))
      {
        g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FAILED, "not an address: %s", list[i]);
        return FALSE;
      }
  return TRUE;
}

/* The address that the kernel would send from: connecting a datagram socket sends nothing. */
static gboolean
find_own_address (const char *elsewhere, HjAddress *own)
{
  HjAddress address;
  socklen_t length = sizeof *own;
  gboolean found = FALSE;
  int fd = -1;

  if (!hj_address_parse (&address, elsewhere, 9))
    return FALSE;
  fd = socket (address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return FALSE;
  found = connect (fd, &address.any, hj_address_get_length (&address)) == 0
          && getsockname (fd, &own->any, &length) == 0;
  close (fd);
  return found;
}

static void
set_port (HjAddress *address, guint16 port)
{
  if (address->any.sa_family == AF_INET)
    address->v4.sin_port = htons (port);
  else
    address->v6.sin6_port = htons (port);
}

static gboolean
is_any (const HjAddress *address)
{
  return address->any.sa_family == AF_INET ? address->v4.sin_addr.s_addr == INADDR_ANY
                                           : IN6_IS_ADDR_UNSPECIFIED (&address->v6.sin6_addr);
}

static void
add_text (HjRooms *rooms, const char *text, guint16 port)
{
  HjAddress address;

  if (hj_address_parse (&address, text, port))
    hj_rooms_add_candidate (rooms, &address);
}

/* Where no route leads elsewhere: every IPv4 address that is up. */
static void
add_interfaces (HjRooms *rooms, guint16 port)
{
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) != 0)
    return;
  for (const struct ifaddrs *item = list; item != NULL; item = item->ifa_next)
    {
      HjAddress address = { 0 };

      if (item->ifa_addr == NULL || item->ifa_addr->sa_family != AF_INET
          || (item->ifa_flags & IFF_LOOPBACK) != 0 || (item->ifa_flags & IFF_UP) == 0)
        continue;
      memcpy (&address.v4, item->ifa_addr, sizeof address.v4);
      set_port (&address, port);
      hj_rooms_add_candidate (rooms, &address);
    }
  freeifaddrs (list);
}

static void
add_own (HjRooms *rooms, const HjUdpPort *port)
{
  guint16 number = hj_udp_port_get_number (port);
  HjAddress own;

  if (find_own_address (ELSEWHERE_V4, &own))
    {
      set_port (&own, number);
      hj_rooms_add_candidate (rooms, &own);
    }
  else
    add_interfaces (rooms, number);
  if (hj_udp_port_get_family (port) == AF_INET6 && find_own_address (ELSEWHERE_V6, &own))
    {
      set_port (&own, number);
      hj_rooms_add_candidate (rooms, &own);
    }
  add_text (rooms, "127.0.0.1", number);
}

/* addresses: (nullable): as hj_candidates_check() accepts. A socket bound to one address names only that. */
void
hj_candidates_add (HjRooms *rooms, const HjUdpPort *port, const char *addresses)
{
  g_auto (GStrv) list = g_strsplit_set (addresses != NULL ? addresses : "", ",;", -1);
  guint16 number = hj_udp_port_get_number (port);
  HjAddress bound;
  socklen_t length = sizeof bound;
  gboolean any = FALSE;

  for (guint i = 0; list[i] != NULL; i++)
    if (*g_strstrip (list[i]) != '\0')
      {
        add_text (rooms, list[i], number);
        any = TRUE;
      }
  if (any || getsockname (hj_udp_port_get_fd (port), &bound.any, &length) != 0)
    return;
  if (is_any (&bound))
    add_own (rooms, port);
  else
    hj_rooms_add_candidate (rooms, &bound);
}
