module agenttier.io/test-e2e/images/static

go 1.26.6
