-- Format 1 had two events a submission, made in one commit, and no original file.
ALTER TABLE submission_event ADD COLUMN step INTEGER;
UPDATE submission_event SET step = CASE state WHEN 'submitted' THEN 1 ELSE 2 END;
ALTER TABLE submission_event ALTER COLUMN step SET NOT NULL;
ALTER TABLE submission ADD COLUMN sheet VARCHAR DEFAULT '';
ALTER TABLE submission ADD COLUMN is_partial BOOLEAN DEFAULT false;
ALTER TABLE submission ADD COLUMN kept_rows BIGINT DEFAULT 0;
ALTER TABLE submission ADD COLUMN masked_rows BIGINT DEFAULT 0;
ALTER TABLE submission ADD COLUMN left_rows BIGINT DEFAULT 0;
