/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the server: a SoupSession that trusts the configured CA and nothing else. The system's CAs, proxies from the
 * environment and compression are off: each would give a stranger a place on the path. Control thread. */

#include "src/kiosk/session.h"

#include "src/kiosk/error.h"

/* Returns: (transfer full) (nullable). The host name is checked by GLib against the server's certificate. */
SoupSession *
hj_server_session_new (const HjKioskConfig *config, GError **error)
{
  g_autoptr (SoupSession) session = soup_session_new ();

  soup_session_set_user_agent (session, "huijian-kiosk/" HJ_VERSION);
  soup_session_set_proxy_resolver (session, NULL);
  /* An inflated message may be any size, whatever limit stands on the frame (libsoup, CVE-2026-15709). */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  if (config->ca_file != NULL)
    {
      g_autoptr (GTlsDatabase) trusted = g_tls_file_database_new (config->ca_file, error);

      if (trusted == NULL)
        {
          g_prefix_error (error, "ca_file %s: ", config->ca_file);
          return NULL;
        }
      soup_session_set_tls_database (session, trusted);
    }
  return g_steal_pointer (&session);
}

/* Turns what libsoup and GLib say of a failed connection into what the operator can do. */
void
hj_server_session_explain (const HjKioskConfig *config, const GError *problem, GError **error)
{
  if (problem->domain == G_TLS_ERROR)
    g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_UNTRUSTED,
        "%s does not prove to be our server: its certificate is not of the CA in %s, not for this "
        "name, or out of date "
        "(%s)",
        config->server, config->ca_file != NULL ? config->ca_file : "ca_file", problem->message);
  else
    g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_UNREACHABLE, "%s cannot be reached: %s",
        config->server, problem->message);
}

/* socket: (transfer full): let go once its close frame is out; libsoup waits five seconds for a peer that is silent. */
void
hj_websocket_close (SoupWebsocketConnection *socket, gushort code, const char *reason)
{
  if (soup_websocket_connection_get_state (socket) != SOUP_WEBSOCKET_STATE_OPEN)
    {
      g_object_unref (socket);
      return;
    }
  g_signal_connect (socket, "closed", G_CALLBACK (g_object_unref), NULL);
  soup_websocket_connection_close (socket, code, reason);
}
