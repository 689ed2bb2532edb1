-- Written by schema.statements(); tests/unit/gogs/test_schema.py compares.

CREATE TABLE `user` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `lower_name` VARCHAR(255) NOT NULL,
  `name` VARCHAR(255) NOT NULL,
  `full_name` VARCHAR(255) NULL,
  `email` VARCHAR(255) NOT NULL,
  `passwd` VARCHAR(255) NOT NULL,
  `login_source` BIGINT NOT NULL DEFAULT 0,
  `login_name` VARCHAR(255) NULL,
  `type` INT NULL,
  `location` VARCHAR(255) NULL,
  `website` VARCHAR(255) NULL,
  `rands` VARCHAR(10) NULL,
  `salt` VARCHAR(10) NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  `last_repo_visibility` BOOLEAN NULL,
  `max_repo_creation` INT NOT NULL DEFAULT -1,
  `is_active` BOOLEAN NULL,
  `is_admin` BOOLEAN NULL,
  `allow_git_hook` BOOLEAN NULL,
  `allow_import_local` BOOLEAN NULL,
  `prohibit_login` BOOLEAN NULL,
  `avatar` VARCHAR(2048) NOT NULL,
  `avatar_email` VARCHAR(255) NOT NULL,
  `use_custom_avatar` BOOLEAN NULL,
  `num_followers` INT NULL,
  `num_following` INT NOT NULL DEFAULT 0,
  `num_stars` INT NULL,
  `num_repos` INT NULL,
  `description` VARCHAR(255) NULL,
  `num_teams` INT NULL,
  `num_members` INT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_lower_name` (`lower_name`),
  UNIQUE INDEX `one_name` (`name`)
) CHARACTER SET utf8mb4;

CREATE TABLE `email_address` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uid` BIGINT NOT NULL,
  `email` VARCHAR(254) NOT NULL,
  `is_activated` BOOLEAN NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_uid_email` (`uid`, `email`)
) CHARACTER SET utf8mb4;

CREATE TABLE `follow` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NOT NULL,
  `follow_id` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_user_id_follow_id` (`user_id`, `follow_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `public_key` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `owner_id` BIGINT NOT NULL,
  `name` VARCHAR(255) NOT NULL,
  `fingerprint` VARCHAR(255) NOT NULL,
  `content` TEXT NOT NULL,
  `mode` INT NOT NULL DEFAULT 2,
  `type` INT NOT NULL DEFAULT 1,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_owner_id` (`owner_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `access_token` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uid` BIGINT NULL,
  `name` LONGTEXT NULL,
  `sha1` VARCHAR(40) NULL,
  `sha256` VARCHAR(64) NOT NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_sha1` (`sha1`),
  UNIQUE INDEX `one_sha256` (`sha256`),
  INDEX `by_uid` (`uid`)
) CHARACTER SET utf8mb4;

CREATE TABLE `two_factor` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NULL,
  `secret` VARCHAR(255) NULL,
  `created_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_user_id` (`user_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `two_factor_recovery_code` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NULL,
  `code` VARCHAR(11) NULL,
  `is_used` BOOLEAN NULL,
  PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `login_source` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `type` BIGINT NULL,
  `name` VARCHAR(191) NULL,
  `is_actived` BOOLEAN NOT NULL,
  `is_default` BOOLEAN NULL,
  `cfg` TEXT NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_name` (`name`)
) CHARACTER SET utf8mb4;

CREATE TABLE `org_user` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uid` BIGINT NULL,
  `org_id` BIGINT NULL,
  `is_public` BOOLEAN NULL,
  `is_owner` BOOLEAN NULL,
  `num_teams` INT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_uid_org_id` (`uid`, `org_id`),
  INDEX `by_org_id` (`org_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `team` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `org_id` BIGINT NULL,
  `lower_name` VARCHAR(255) NULL,
  `name` VARCHAR(255) NULL,
  `description` VARCHAR(255) NULL,
  `authorize` INT NULL,
  `num_repos` INT NULL,
  `num_members` INT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_org_id` (`org_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `team_user` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `org_id` BIGINT NULL,
  `team_id` BIGINT NULL,
  `uid` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_team_id_uid` (`team_id`, `uid`),
  INDEX `by_org_id` (`org_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `team_repo` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `org_id` BIGINT NULL,
  `team_id` BIGINT NULL,
  `repo_id` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_team_id_repo_id` (`team_id`, `repo_id`),
  INDEX `by_org_id` (`org_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `repository` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `owner_id` BIGINT NULL,
  `lower_name` VARCHAR(255) NOT NULL,
  `name` VARCHAR(255) NOT NULL,
  `description` VARCHAR(512) NULL,
  `website` VARCHAR(255) NULL,
  `default_branch` VARCHAR(255) NULL,
  `size` BIGINT NOT NULL DEFAULT 0,
  `use_custom_avatar` BOOLEAN NULL,
  `num_watches` INT NULL,
  `num_stars` INT NULL,
  `num_forks` INT NULL,
  `num_issues` INT NULL,
  `num_closed_issues` INT NULL,
  `num_pulls` INT NULL,
  `num_closed_pulls` INT NULL,
  `num_milestones` INT NOT NULL DEFAULT 0,
  `num_closed_milestones` INT NOT NULL DEFAULT 0,
  `is_private` BOOLEAN NULL,
  `is_unlisted` BOOLEAN NOT NULL DEFAULT 0,
  `is_bare` BOOLEAN NULL,
  `is_mirror` BOOLEAN NULL,
  `enable_wiki` BOOLEAN NOT NULL DEFAULT 1,
  `allow_public_wiki` BOOLEAN NULL,
  `enable_external_wiki` BOOLEAN NULL,
  `external_wiki_url` VARCHAR(255) NULL,
  `enable_issues` BOOLEAN NOT NULL DEFAULT 1,
  `allow_public_issues` BOOLEAN NULL,
  `enable_external_tracker` BOOLEAN NULL,
  `external_tracker_url` VARCHAR(255) NULL,
  `external_tracker_format` VARCHAR(255) NULL,
  `external_tracker_style` VARCHAR(255) NULL,
  `enable_pulls` BOOLEAN NOT NULL DEFAULT 1,
  `pulls_ignore_whitespace` BOOLEAN NOT NULL DEFAULT 0,
  `pulls_allow_rebase` BOOLEAN NOT NULL DEFAULT 0,
  `is_fork` BOOLEAN NOT NULL DEFAULT 0,
  `fork_id` BIGINT NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_owner_id_lower_name` (`owner_id`, `lower_name`),
  INDEX `by_lower_name` (`lower_name`),
  INDEX `by_name` (`name`)
) CHARACTER SET utf8mb4;

CREATE TABLE `access` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NOT NULL,
  `repo_id` BIGINT NOT NULL,
  `mode` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_user_id_repo_id` (`user_id`, `repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `collaboration` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NOT NULL,
  `repo_id` BIGINT NOT NULL,
  `mode` INT NOT NULL DEFAULT 2,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_user_id_repo_id` (`user_id`, `repo_id`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `watch` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NULL,
  `repo_id` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_user_id_repo_id` (`user_id`, `repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `star` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uid` BIGINT NULL,
  `repo_id` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_uid_repo_id` (`uid`, `repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `deploy_key` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `key_id` BIGINT NULL,
  `repo_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `fingerprint` VARCHAR(255) NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_key_id_repo_id` (`key_id`, `repo_id`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `mirror` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `interval` INT NULL,
  `enable_prune` BOOLEAN NOT NULL DEFAULT 1,
  `updated_unix` BIGINT NULL,
  `next_update_unix` BIGINT NULL,
  PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `protect_branch` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `protected` BOOLEAN NULL,
  `require_pull_request` BOOLEAN NULL,
  `enable_whitelist` BOOLEAN NULL,
  `whitelist_user_i_ds` TEXT NULL,
  `whitelist_team_i_ds` TEXT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_repo_id_name` (`repo_id`, `name`)
) CHARACTER SET utf8mb4;

CREATE TABLE `protect_branch_whitelist` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `protect_branch_id` BIGINT NULL,
  `repo_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `user_id` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_repo_id_name_user_id` (`repo_id`, `name`, `user_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `lfs_object` (
  `repo_id` BIGINT NOT NULL,
  `oid` VARCHAR(191) NOT NULL,
  `size` BIGINT NOT NULL,
  `storage` LONGTEXT NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`repo_id`, `oid`)
) CHARACTER SET utf8mb4;

CREATE TABLE `issue` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `index` BIGINT NULL,
  `poster_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `content` TEXT NULL,
  `milestone_id` BIGINT NULL,
  `priority` INT NULL,
  `assignee_id` BIGINT NULL,
  `is_closed` BOOLEAN NULL,
  `is_pull` BOOLEAN NULL,
  `num_comments` INT NULL,
  `deadline_unix` BIGINT NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_repo_id_index` (`repo_id`, `index`)
) CHARACTER SET utf8mb4;

CREATE TABLE `comment` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `type` INT NULL,
  `poster_id` BIGINT NULL,
  `issue_id` BIGINT NULL,
  `commit_id` BIGINT NULL,
  `line` BIGINT NULL,
  `content` TEXT NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  `commit_sha` VARCHAR(40) NULL,
  PRIMARY KEY (`id`),
  INDEX `by_issue_id` (`issue_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `label` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `color` VARCHAR(7) NULL,
  `num_issues` INT NULL,
  `num_closed_issues` INT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `issue_label` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `issue_id` BIGINT NULL,
  `label_id` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_issue_id_label_id` (`issue_id`, `label_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `milestone` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `content` TEXT NULL,
  `is_closed` BOOLEAN NULL,
  `num_issues` INT NULL,
  `num_closed_issues` INT NULL,
  `completeness` INT NULL,
  `deadline_unix` BIGINT NULL,
  `closed_date_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `issue_user` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uid` BIGINT NULL,
  `issue_id` BIGINT NULL,
  `repo_id` BIGINT NULL,
  `milestone_id` BIGINT NULL,
  `is_read` BOOLEAN NULL,
  `is_assigned` BOOLEAN NULL,
  `is_mentioned` BOOLEAN NULL,
  `is_poster` BOOLEAN NULL,
  `is_closed` BOOLEAN NULL,
  PRIMARY KEY (`id`),
  INDEX `by_uid` (`uid`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `pull_request` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `type` INT NULL,
  `status` INT NULL,
  `issue_id` BIGINT NULL,
  `index` BIGINT NULL,
  `head_repo_id` BIGINT NULL,
  `base_repo_id` BIGINT NULL,
  `head_user_name` VARCHAR(255) NULL,
  `head_branch` VARCHAR(255) NULL,
  `base_branch` VARCHAR(255) NULL,
  `merge_base` VARCHAR(40) NULL,
  `has_merged` BOOLEAN NULL,
  `merged_commit_id` VARCHAR(40) NULL,
  `merger_id` BIGINT NULL,
  `merged_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_issue_id` (`issue_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `release` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `publisher_id` BIGINT NULL,
  `tag_name` VARCHAR(255) NULL,
  `lower_tag_name` VARCHAR(255) NULL,
  `target` VARCHAR(255) NULL,
  `title` VARCHAR(255) NULL,
  `sha1` VARCHAR(40) NULL,
  `num_commits` BIGINT NULL,
  `note` TEXT NULL,
  `is_draft` BOOLEAN NOT NULL DEFAULT 0,
  `is_prerelease` BOOLEAN NULL,
  `created_unix` BIGINT NULL,
  PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `attachment` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uuid` VARCHAR(40) NULL,
  `issue_id` BIGINT NULL,
  `comment_id` BIGINT NULL,
  `release_id` BIGINT NULL,
  `name` VARCHAR(255) NULL,
  `created_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_uuid` (`uuid`),
  INDEX `by_issue_id` (`issue_id`),
  INDEX `by_release_id` (`release_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `upload` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `uuid` VARCHAR(40) NULL,
  `name` VARCHAR(255) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `one_uuid` (`uuid`)
) CHARACTER SET utf8mb4;

CREATE TABLE `webhook` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `org_id` BIGINT NULL,
  `url` TEXT NULL,
  `content_type` INT NULL,
  `secret` TEXT NULL,
  `events` TEXT NULL,
  `is_ssl` BOOLEAN NULL,
  `is_active` BOOLEAN NULL,
  `hook_task_type` INT NULL,
  `meta` TEXT NULL,
  `last_status` INT NULL,
  `created_unix` BIGINT NULL,
  `updated_unix` BIGINT NULL,
  PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `hook_task` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `repo_id` BIGINT NULL,
  `hook_id` BIGINT NULL,
  `uuid` VARCHAR(255) NULL,
  `type` INT NULL,
  `url` TEXT NULL,
  `signature` TEXT NULL,
  `payload_content` TEXT NULL,
  `content_type` INT NULL,
  `event_type` VARCHAR(255) NULL,
  `is_ssl` BOOLEAN NULL,
  `is_delivered` BOOLEAN NULL,
  `delivered` BIGINT NULL,
  `is_succeed` BOOLEAN NULL,
  `request_content` TEXT NULL,
  `response_content` TEXT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `action` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `user_id` BIGINT NULL,
  `op_type` BIGINT NULL,
  `act_user_id` BIGINT NULL,
  `act_user_name` LONGTEXT NULL,
  `repo_id` BIGINT NULL,
  `repo_user_name` LONGTEXT NULL,
  `repo_name` LONGTEXT NULL,
  `ref_name` LONGTEXT NULL,
  `is_private` BOOLEAN NOT NULL DEFAULT 0,
  `content` LONGTEXT NULL,
  `created_unix` BIGINT NULL,
  PRIMARY KEY (`id`),
  INDEX `by_user_id` (`user_id`),
  INDEX `by_repo_id` (`repo_id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `notice` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `type` BIGINT NULL,
  `description` TEXT NULL,
  `created_unix` BIGINT NULL,
  PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4;

CREATE TABLE `version` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `version` BIGINT NULL,
  PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4;

