/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

extern const HjActKind hj_act_list_centres;
extern const HjActKind hj_act_create_centre;
extern const HjActKind hj_act_update_centre;
extern const HjActKind hj_act_list_rooms;
extern const HjActKind hj_act_create_room;
extern const HjActKind hj_act_update_room;
extern const HjActKind hj_act_list_policies;
extern const HjActKind hj_act_update_policy;

json_t *hj_places_within (
    const HjActor *actor, const json_t *rows, const char *key) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_places_check_centre (HjAct *act, const char *word, const char *centre, GError **error);
gboolean hj_places_check_room (HjAct *act, const char *word, const char *room, GError **error);
gboolean hj_places_check_by (HjAct *act, const char *word, const char *sql, const char *parameter,
    const char *id, GError **error);

G_END_DECLS
