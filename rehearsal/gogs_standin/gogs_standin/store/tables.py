"""Define the tables by subject, in a notation of this project that `schema` parses.

A word without indentation is a table. The lines below it have a type and the columns of that type, in order. `!` marks a
required column, `=x` a default; the other columns may be NULL. `one` names what identifies a row besides its id, `by` what
rows are found by; `+` joins several columns. Without `key`, the primary key is an AUTO_INCREMENT column `id`.

Columns and types are those of the recorded schema. The record shows only which columns begin an index. Further indexes and
all their names are this project's choice.
"""

TABLES = """
user
    v255 lower_name! name! full_name email! passwd!  big login_source=0  v255 login_name  int type  v255 location website
    v10 rands salt  big created_unix updated_unix  flag last_repo_visibility  int max_repo_creation=-1
    flag is_active is_admin allow_git_hook allow_import_local prohibit_login  v2048 avatar!  v255 avatar_email!
    flag use_custom_avatar  int num_followers num_following=0 num_stars num_repos  v255 description
    int num_teams num_members
    one lower_name name
email_address       big uid!  v254 email!  flag is_activated=0                                  one uid+email
follow              big user_id! follow_id!                                                     one user_id+follow_id
public_key
    big owner_id!  v255 name! fingerprint!  text content!  int mode=2 type=1  big created_unix updated_unix
    by owner_id
access_token
    big uid  longtext name  v40 sha1  v64 sha256!  big created_unix updated_unix
    one sha1 sha256  by uid
two_factor          big user_id  v255 secret  big created_unix                                  one user_id
two_factor_recovery_code    big user_id  v11 code  flag is_used
login_source
    big type  v191 name  flag is_actived! is_default  text cfg  big created_unix updated_unix
    one name

org_user            big uid org_id  flag is_public is_owner  int num_teams                      one uid+org_id  by org_id
team
    big org_id  v255 lower_name name description  int authorize num_repos num_members
    by org_id
team_user           big org_id team_id uid                                                      one team_id+uid  by org_id
team_repo           big org_id team_id repo_id                                                  one team_id+repo_id  by org_id

repository
    big owner_id  v255 lower_name! name!  v512 description  v255 website default_branch  big size=0
    flag use_custom_avatar  int num_watches num_stars num_forks num_issues num_closed_issues num_pulls num_closed_pulls
    int num_milestones=0 num_closed_milestones=0  flag is_private is_unlisted=0 is_bare is_mirror enable_wiki=1
    flag allow_public_wiki enable_external_wiki  v255 external_wiki_url
    flag enable_issues=1 allow_public_issues enable_external_tracker
    v255 external_tracker_url external_tracker_format external_tracker_style
    flag enable_pulls=1 pulls_ignore_whitespace=0 pulls_allow_rebase=0 is_fork=0  big fork_id created_unix updated_unix
    one owner_id+lower_name  by lower_name name
access              big user_id! repo_id! mode!                                                 one user_id+repo_id
collaboration       big user_id! repo_id!  int mode=2                                           one user_id+repo_id  by repo_id
watch               big user_id repo_id                                                         one user_id+repo_id
star                big uid repo_id                                                             one uid+repo_id
deploy_key
    big key_id repo_id  v255 name fingerprint  big created_unix updated_unix
    one key_id+repo_id  by repo_id
mirror              big repo_id  int interval  flag enable_prune=1  big updated_unix next_update_unix
protect_branch
    big repo_id  v255 name  flag protected require_pull_request enable_whitelist  text whitelist_user_i_ds whitelist_team_i_ds
    one repo_id+name
protect_branch_whitelist    big protect_branch_id repo_id  v255 name  big user_id               one repo_id+name+user_id
lfs_object          big repo_id!  v191 oid!  big size!  longtext storage!  moment created_at!   key repo_id+oid

issue
    big repo_id index poster_id  v255 name  text content  big milestone_id  int priority  big assignee_id
    flag is_closed is_pull  int num_comments  big deadline_unix created_unix updated_unix
    one repo_id+index
comment
    int type  big poster_id issue_id commit_id line  text content  big created_unix updated_unix  v40 commit_sha
    by issue_id
label               big repo_id  v255 name  v7 color  int num_issues num_closed_issues          by repo_id
issue_label         big issue_id label_id                                                       one issue_id+label_id
milestone
    big repo_id  v255 name  text content  flag is_closed  int num_issues num_closed_issues completeness
    big deadline_unix closed_date_unix
    by repo_id
issue_user
    big uid issue_id repo_id milestone_id  flag is_read is_assigned is_mentioned is_poster is_closed
    by uid repo_id
pull_request
    int type status  big issue_id index head_repo_id base_repo_id  v255 head_user_name head_branch base_branch
    v40 merge_base  flag has_merged  v40 merged_commit_id  big merger_id merged_unix
    by issue_id
release
    big repo_id publisher_id  v255 tag_name lower_tag_name target title  v40 sha1  big num_commits  text note
    flag is_draft=0 is_prerelease  big created_unix
attachment
    v40 uuid  big issue_id comment_id release_id  v255 name  big created_unix
    one uuid  by issue_id release_id
upload              v40 uuid  v255 name                                                         one uuid

webhook
    big repo_id org_id  text url  int content_type  text secret events  flag is_ssl is_active  int hook_task_type
    text meta  int last_status  big created_unix updated_unix
hook_task
    big repo_id hook_id  v255 uuid  int type  text url signature payload_content  int content_type  v255 event_type
    flag is_ssl is_delivered  big delivered  flag is_succeed  text request_content response_content
    by repo_id
action
    big user_id op_type act_user_id  longtext act_user_name  big repo_id  longtext repo_user_name repo_name ref_name
    flag is_private=0  longtext content  big created_unix
    by user_id repo_id
notice              big type  text description  big created_unix
version             big version
"""
