drop index indicators_host;
