update tip_states s set due_at = f.due_at, classified_at = f.at
from first_classifications f where f.tip_id = s.tip_id;
drop table first_classifications;
comment on column tip_states.due_at is 'When it must be classified: 24 h after reception (TTLT 01/2017 art. 8).';
