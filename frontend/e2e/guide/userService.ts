// src/services/userService.ts
import api from "./api";
import { User } from "./authService";

export interface UserUpdateData {
  full_name?: string;
  password?: string;
}

class UserService {
  async getMe(): Promise<User> {
    const response = await api.get<User>("/users/me");
    return response.data;
  }

  async updateMe(data: UserUpdateData): Promise<User> {
    const response = await api.put<User>("/users/me", data);
    return response.data;
  }

  async getUserById(id: string): Promise<User> {
    const response = await api.get<User>(`/users/${id}`);
    return response.data;
  }
}

export default new UserService();
