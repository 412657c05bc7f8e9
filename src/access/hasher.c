/* SPDX-License-Identifier: Apache-2.0 */
/* One thread for password hashing, each of which takes tens of milliseconds and 19 MiB on purpose: the store's worker must
 * not wait for it, and no flood of logins may take more than one core. What waits is bounded. Called on control. */

#include "src/access/hasher.h"

struct _HjHasher
{
  HjWorker *worker; /* (nullable): started when first needed */
  guint *waiting;   /* counted: an answer may come home after the hasher is gone */
};

typedef struct
{
  HjWorkerFunc on_hasher;
  HjWorkerFunc on_control;
  gpointer message;
  guint *waiting;
} Job;

/* Returns: (transfer full). */
HjHasher *
hj_hasher_new (void)
{
  HjHasher *self = g_new0 (HjHasher, 1);

  self->waiting = g_rc_box_new0 (guint);
  return self;
}

void
hj_hasher_free (HjHasher *self)
{
  if (self == NULL)
    return;
  hj_worker_free (self->worker);
  g_rc_box_release (self->waiting);
  g_free (self);
}

static void
on_worker_hash (gpointer data)
{
  Job *job = data;

  job->on_hasher (job->message);
}

static void
hashed (gpointer data)
{
  g_autofree Job *job = data;

  (*job->waiting)--;
  g_rc_box_release (job->waiting);
  job->on_control (job->message);
}

/* on_hasher (message) on the hasher's thread, then on_control (message) on control. FALSE with HJ_REFUSAL_UNAVAILABLE when
 * too many wait: then neither runs. */
gboolean
hj_hasher_run (HjHasher *self, HjWorkerFunc on_hasher, HjWorkerFunc on_control, gpointer message,
    GError **error)
{
  Job *job;

  if (*self->waiting >= HJ_HASHER_MAX_WAITING)
    {
      hj_refuse (error, HJ_REFUSAL_UNAVAILABLE, "too many passwords to check");
      return FALSE;
    }
  if (self->worker == NULL)
    self->worker = hj_worker_new ("hasher");
  (*self->waiting)++;
  job = g_new (Job, 1);
  *job = (Job){ on_hasher, on_control, message, g_rc_box_acquire (self->waiting) };
  hj_worker_run (self->worker, on_worker_hash, hashed, job);
  return TRUE;
}
