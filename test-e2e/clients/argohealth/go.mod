module agenttier.io/test-e2e/clients/argohealth

go 1.26.6

require (
	github.com/yuin/gopher-lua v1.1.1
	layeh.com/gopher-json v0.0.0-20190114024228-97fed8db8427
)
