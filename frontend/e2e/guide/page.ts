// The guide's services, as its sections 8.1 to 8.3 have them, where a test can call them.
import api from "./api";
import authService from "./authService";
import userService from "./userService";

Object.assign(window, { guide: { api, authService, userService } });
