package recordweb

import "kapok/internal/kit/web"

func (d Deps) consoleRoutes(site *web.Site, api *web.API) {}
