-- The store: append-only tables, then the views of a moment.
-- `sequence` is the store version of the commit that wrote the row; a moment is a sequence.
-- Times are UTC. No key, unique or check constraint: the contract is checked before the transaction, and DuckLake has none.

CREATE TABLE IF NOT EXISTS store_format (version INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS commit_log (
    sequence BIGINT NOT NULL,
    committed_at TIMESTAMP NOT NULL,
    what VARCHAR NOT NULL
);

-- Who did what: one row a commit, read by no page. Of a person it holds the account id and nothing else.
CREATE TABLE IF NOT EXISTS audit (
    sequence BIGINT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    account_id VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    subject VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS submission (
    submission_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    territories VARCHAR[] NOT NULL,
    filename VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    mapping VARCHAR NOT NULL,
    sheet VARCHAR NOT NULL,
    repairs VARCHAR NOT NULL,
    is_partial BOOLEAN NOT NULL,
    reason VARCHAR,
    rows BIGINT NOT NULL,
    new_rows BIGINT NOT NULL,
    changed_rows BIGINT NOT NULL,
    unchanged_rows BIGINT NOT NULL,
    kept_rows BIGINT NOT NULL,
    masked_rows BIGINT NOT NULL,
    left_rows BIGINT NOT NULL
);

-- A file that someone began to send. Its number becomes the submission's; its state is in the same log.
CREATE TABLE IF NOT EXISTS draft (
    submission_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    filename VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL
);

-- What its sender corrected of a file on the page, cell by cell: the bytes stay as they came. The latest of a cell counts.
CREATE TABLE IF NOT EXISTS submission_repair (
    submission_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    sheet VARCHAR NOT NULL,
    source_row BIGINT NOT NULL,
    column_name VARCHAR NOT NULL,
    old_value VARCHAR NOT NULL,
    new_value VARCHAR NOT NULL
);

-- The life of a submission. `step` counts its events: several may come in one commit.
CREATE TABLE IF NOT EXISTS submission_event (
    submission_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    step INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    by_account VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    reason VARCHAR
);

-- What a coordinator wrote of a line when the file was returned.
CREATE TABLE IF NOT EXISTS submission_remark (
    submission_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    source_row BIGINT,
    column_name VARCHAR,
    remark VARCHAR NOT NULL
);

-- The story behind the curve: what is written of an indicator's quarter; the latest text counts.
CREATE TABLE IF NOT EXISTS commentary (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    indicator_code VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    by_account VARCHAR NOT NULL,
    written_at TIMESTAMP NOT NULL
);

-- What a territory chose for itself; the latest of a name counts.
CREATE TABLE IF NOT EXISTS territory_setting (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);

-- What was said of a file when it was kept: the warnings its sender saw, and why rows were left out of it. `context`
-- is JSON. Never a value that names a person.
CREATE TABLE IF NOT EXISTS submission_issue (
    submission_id UUID NOT NULL,
    code VARCHAR NOT NULL,
    source_row BIGINT,
    column_name VARCHAR,
    found VARCHAR,
    context VARCHAR
);

CREATE TABLE IF NOT EXISTS observation (
    submission_id UUID NOT NULL,
    source_row BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    qpv_code VARCHAR NOT NULL,
    indicator_code VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    dimension VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    indicator_version INTEGER NOT NULL,
    numerator DOUBLE,
    denominator DOUBLE,
    value DOUBLE,
    obs_status VARCHAR NOT NULL,
    source_status VARCHAR,
    conf_status VARCHAR NOT NULL,
    respondents BIGINT,
    response_rate DOUBLE,
    reference_date DATE,
    source VARCHAR NOT NULL,
    comment VARCHAR NOT NULL
);

-- What a territory answered about the layout of its files; the latest of a layout counts, '' forgets it.
CREATE TABLE IF NOT EXISTS territory_mapping (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    mapping VARCHAR NOT NULL,
    by_account VARCHAR NOT NULL
);

-- People who sign in. Personal data, so that it can be corrected and erased: the one table whose rows change.
CREATE TABLE IF NOT EXISTS account (
    account_id UUID NOT NULL,
    email VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    password_hash VARCHAR,
    closed_at TIMESTAMP
);

-- What an account may do, where ('' is everywhere) and when; the latest row of a grant counts.
CREATE TABLE IF NOT EXISTS account_grant (
    grant_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    account_id UUID NOT NULL,
    role VARCHAR NOT NULL,
    territory_code VARCHAR NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_to TIMESTAMP,
    by_account VARCHAR NOT NULL
);

-- One-time links: only the fingerprint of their secret is kept. The latest of an account counts.
CREATE TABLE IF NOT EXISTS invitation (
    sequence BIGINT NOT NULL,
    account_id UUID NOT NULL,
    token_sha256 VARCHAR NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);

-- Cells that an audience may not see. Once masked, masked in every later version.
CREATE TABLE IF NOT EXISTS mask (
    sequence BIGINT NOT NULL,
    audience VARCHAR NOT NULL,
    territory_code VARCHAR NOT NULL,
    qpv_code VARCHAR NOT NULL,
    indicator_code VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);

-- By which rules of suppression everything was planned, last.
CREATE TABLE IF NOT EXISTS mask_rules (
    sequence BIGINT NOT NULL,
    rules BIGINT NOT NULL
);

-- The catalogue: one table a model of schemas/catalogue.py; a later row of a key supersedes the earlier one.

CREATE TABLE IF NOT EXISTS programmes (
    sequence BIGINT NOT NULL,
    programme_code VARCHAR NOT NULL,
    label_fr VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    is_demonstration BOOLEAN NOT NULL,
    today DATE
);

CREATE TABLE IF NOT EXISTS territories (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    programme_code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    epci_siren VARCHAR,
    department_code VARCHAR,
    region_name VARCHAR,
    timezone VARCHAR NOT NULL,
    joined_on DATE,
    cohort VARCHAR,
    public_page BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS quartiers (
    sequence BIGINT NOT NULL,
    qpv_code VARCHAR NOT NULL,
    zoning_vintage VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    commune_code VARCHAR,
    population BIGINT,
    population_year BIGINT
);

CREATE TABLE IF NOT EXISTS territory_quartiers (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    qpv_code VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);

CREATE TABLE IF NOT EXISTS collectives (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    backbone_partner_code VARCHAR
);

CREATE TABLE IF NOT EXISTS partners (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    partner_code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    siret VARCHAR,
    role VARCHAR,
    valid_from DATE NOT NULL,
    valid_to DATE
);

CREATE TABLE IF NOT EXISTS challenges (
    sequence BIGINT NOT NULL,
    challenge_code VARCHAR NOT NULL,
    label_fr VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS territory_challenges (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    challenge_code VARCHAR NOT NULL,
    is_priority BOOLEAN NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);

CREATE TABLE IF NOT EXISTS visions (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    vision_version BIGINT NOT NULL,
    sentence VARCHAR NOT NULL,
    horizon BIGINT NOT NULL,
    valid_from DATE NOT NULL,
    signed_by VARCHAR
);

CREATE TABLE IF NOT EXISTS categories (
    sequence BIGINT NOT NULL,
    dimension VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    label_fr VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    rank BIGINT NOT NULL,
    dimension_label_fr VARCHAR NOT NULL,
    dimension_label_en VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS indicators (
    sequence BIGINT NOT NULL,
    indicator_code VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    valid_from DATE NOT NULL,
    scope VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    challenge_code VARCHAR NOT NULL,
    label_fr VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    question_fr VARCHAR NOT NULL,
    question_en VARCHAR NOT NULL,
    definition_fr VARCHAR NOT NULL,
    definition_en VARCHAR NOT NULL,
    numerator_fr VARCHAR,
    numerator_en VARCHAR,
    denominator_fr VARCHAR,
    denominator_en VARCHAR,
    numerator_noun_fr VARCHAR NOT NULL,
    numerator_noun_en VARCHAR NOT NULL,
    denominator_noun_fr VARCHAR,
    denominator_noun_en VARCHAR,
    unit_noun_fr VARCHAR NOT NULL,
    unit_noun_en VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    decimals BIGINT NOT NULL,
    polarity VARCHAR NOT NULL,
    time_basis VARCHAR NOT NULL,
    frequency VARCHAR NOT NULL,
    delay_months BIGINT NOT NULL,
    source_fr VARCHAR NOT NULL,
    source_en VARCHAR NOT NULL,
    source_kind VARCHAR NOT NULL,
    collection_method VARCHAR NOT NULL,
    aggregation VARCHAR NOT NULL,
    persons_unique BOOLEAN NOT NULL,
    min_period_gap BIGINT NOT NULL,
    components VARCHAR NOT NULL,
    valid_min DOUBLE,
    valid_max DOUBLE,
    has_interval BOOLEAN NOT NULL,
    counted_unit VARCHAR NOT NULL,
    k_threshold BIGINT NOT NULL,
    is_sensitive BOOLEAN NOT NULL,
    is_seasonal BOOLEAN NOT NULL,
    typical_range VARCHAR,
    reference_population_fr VARCHAR NOT NULL,
    reference_population_en VARCHAR NOT NULL,
    limits_fr VARCHAR NOT NULL,
    limits_en VARCHAR NOT NULL,
    change_reason VARCHAR,
    breaks_series BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS goals (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    goal_code VARCHAR NOT NULL,
    title_fr VARCHAR NOT NULL,
    title_en VARCHAR NOT NULL,
    challenge_code VARCHAR NOT NULL,
    target_population VARCHAR NOT NULL,
    vision_version BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS followed_indicators (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    rank BIGINT NOT NULL,
    indicator_code VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS targets (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    goal_code VARCHAR NOT NULL,
    indicator_code VARCHAR NOT NULL,
    qpv_code VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    target_version BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    ref_period VARCHAR,
    ref_value DOUBLE,
    ref_numerator DOUBLE,
    ref_denominator DOUBLE,
    ref_source VARCHAR,
    target_value DOUBLE,
    band_low DOUBLE,
    band_high DOUBLE,
    due_period VARCHAR,
    shape VARCHAR NOT NULL,
    steps VARCHAR,
    materiality DOUBLE,
    decided_on DATE NOT NULL,
    meeting_kind VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS actions (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    action_code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    goal_codes VARCHAR,
    lead_partner_code VARCHAR,
    partner_codes VARCHAR,
    starts_on DATE,
    planned_end_on DATE,
    state VARCHAR NOT NULL,
    progress BIGINT,
    audience VARCHAR,
    participants BIGINT,
    expected_contribution VARCHAR,
    evidence_level VARCHAR NOT NULL,
    comment VARCHAR
);

CREATE TABLE IF NOT EXISTS milestones (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    action_code VARCHAR NOT NULL,
    milestone_code VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    planned_on DATE NOT NULL,
    done_on DATE,
    state VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS events (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    occurred_on DATE NOT NULL,
    label VARCHAR NOT NULL,
    indicator_codes VARCHAR,
    kind VARCHAR NOT NULL,
    is_withdrawn BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS meetings (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    held_on DATE NOT NULL,
    meeting_kind VARCHAR NOT NULL,
    is_cancelled BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS rounds (
    sequence BIGINT NOT NULL,
    territory_code VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    opens_on DATE NOT NULL,
    due_on DATE NOT NULL
);

-- The current view of a moment: per key, the row of the approved submission with the highest approval sequence.
-- A withdrawal takes a submission out, which uncovers the one before.
CREATE OR REPLACE MACRO approvals_at(moment) AS TABLE
    SELECT submission_id, max(sequence) FILTER (state = 'approved') AS approved_sequence
    FROM submission_event
    WHERE sequence <= moment
    GROUP BY submission_id
    HAVING arg_max(state, step) = 'approved';

CREATE OR REPLACE MACRO observations_at(moment, wanted_territories, wanted_indicators) AS TABLE
    SELECT observation.*, approved_sequence
    FROM observation JOIN approvals_at(moment) USING (submission_id)
    WHERE (wanted_territories IS NULL OR list_contains(wanted_territories, territory_code))
      AND (wanted_indicators IS NULL OR list_contains(wanted_indicators, indicator_code))
    QUALIFY row_number() OVER (
        PARTITION BY territory_code, qpv_code, indicator_code, period, dimension, category
        ORDER BY approved_sequence DESC
    ) = 1;

CREATE OR REPLACE MACRO masks_at(moment, wanted_audience) AS TABLE
    SELECT territory_code, qpv_code, indicator_code, period, dimension, category,
           arg_min(reason, sequence) AS mask_reason, min(sequence) AS masked_since
    FROM mask
    WHERE sequence <= moment AND audience = wanted_audience
    GROUP BY territory_code, qpv_code, indicator_code, period, dimension, category;

CREATE OR REPLACE MACRO states_at(moment) AS TABLE
    SELECT
        submission_id,
        arg_max(state, step) AS state,
        min(happened_at) FILTER (state = 'submitted') AS sent_at,
        arg_min(by_account, step) FILTER (state = 'submitted') AS sent_by
    FROM submission_event
    WHERE sequence <= moment
    GROUP BY submission_id;

CREATE OR REPLACE MACRO submissions_at(moment) AS TABLE
    SELECT submission.*, state, sent_at, sent_by
    FROM submission JOIN states_at(moment) USING (submission_id)
    WHERE submission.sequence <= moment;
