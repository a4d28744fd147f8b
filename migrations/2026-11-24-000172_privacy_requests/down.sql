drop table privacy_requests;
