/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <netinet/in.h>
#include <glib.h>

G_BEGIN_DECLS

/* A UDP address as the kernel gives it. Plain data. */
typedef union
{
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} HjAddress;

gboolean hj_address_parse (HjAddress *self, const char *text, guint16 port);
char *hj_address_to_string (const HjAddress *self);
socklen_t hj_address_get_length (const HjAddress *self);
guint16 hj_address_get_port (const HjAddress *self);
gboolean hj_address_equal (gconstpointer a, gconstpointer b);
guint hj_address_hash (gconstpointer address);
void hj_address_unmap (HjAddress *self);

G_END_DECLS
