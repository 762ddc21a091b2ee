module agenttier.io/cluster/components/pause

go 1.26.6
